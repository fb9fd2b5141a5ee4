package dev.firn.storage.s3;

import dev.firn.storage.StreamStore;
import java.util.List;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.StorageCredential;
import org.apache.iceberg.io.SupportsStorageCredentials;

/** S3 and what speaks its protocol. Thread-safe. Owns its client. */
public final class S3Store extends StreamStore implements SupportsStorageCredentials {
  private static final long serialVersionUID = 1L;

  private final SupportsStorageCredentials credentials;

  /** Makes one; {@link #initialize} configures it. */
  public S3Store() {
    this(new EndSafe());
  }

  private S3Store(EndSafe files) {
    super(files);
    credentials = files;
  }

  @Override
  public void setCredentials(List<StorageCredential> newCredentials) {
    credentials.setCredentials(newCredentials);
  }

  @Override
  public List<StorageCredential> credentials() {
    return credentials.credentials();
  }

  private static final class EndSafe extends S3FileIO {
    private static final long serialVersionUID = 1L;

    @Override
    public InputFile newInputFile(String location) {
      return new EndSafeInputFile(super.newInputFile(location));
    }

    @Override
    public InputFile newInputFile(String location, long length) {
      return new EndSafeInputFile(super.newInputFile(location, length));
    }
  }
}
