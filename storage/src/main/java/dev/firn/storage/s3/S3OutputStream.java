package dev.firn.storage.s3;

import dev.firn.storage.StoreMeter;
import dev.firn.storage.StoreOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** A writer of one object, in one request. Confined to one thread. */
final class S3OutputStream extends StoreOutputStream {
  private static final int PRECONDITION_FAILED = 412;

  private final S3Location file;
  private final S3Connection connection;
  private final boolean mustBeNew;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private boolean closed;

  S3OutputStream(S3Location file, S3Connection connection, boolean mustBeNew) {
    this.file = file;
    this.connection = connection;
    this.mustBeNew = mustBeNew;
  }

  @Override
  public long getPos() {
    return bytes.size();
  }

  @Override
  public void write(int value) throws IOException {
    requireOpen();
    bytes.write(value);
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    requireOpen();
    bytes.write(source, offset, length);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    PutObjectRequest.Builder request =
        PutObjectRequest.builder().bucket(file.bucket()).key(file.key());
    if (mustBeNew) {
      request.ifNoneMatch("*");
    }
    try {
      connection.client().putObject(request.build(), RequestBody.fromBytes(bytes.toByteArray()));
      connection.meter().add(StoreMeter.Event.BYTES_WRITTEN, bytes.size());
    } catch (S3Exception e) {
      if (e.statusCode() == PRECONDITION_FAILED) {
        throw new AlreadyExistsException(e, "Cannot create file: it exists [%s]", file);
      }
      throw connection.failure("write", file.toString(), e);
    } catch (SdkException e) {
      throw connection.failure("write", file.toString(), e);
    }
  }

  @Override
  public void abort() {
    closed = true;
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException("Cannot write file: its stream is closed [" + file + "]");
    }
  }
}
