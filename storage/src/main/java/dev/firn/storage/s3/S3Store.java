package dev.firn.storage.s3;

import dev.firn.storage.RangedInputFile;
import dev.firn.storage.Store;
import dev.firn.storage.StoreCounts;
import dev.firn.storage.StoreOutputFile;
import dev.firn.storage.StoreProbe;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.StorageCredential;
import org.apache.iceberg.io.SupportsStorageCredentials;
import org.jspecify.annotations.Nullable;

/**
 * S3 and what speaks its protocol, with the property names of Iceberg. Thread-safe. Owns its
 * clients, made on first use, until {@link #close()}; later calls make them again. Serialisable: a
 * copy makes its own.
 */
public final class S3Store implements Store, SupportsStorageCredentials, StoreProbe.Source {
  private static final long serialVersionUID = 1L;

  private HashMap<String, String> properties = new HashMap<>();
  private ArrayList<StorageCredential> credentials = new ArrayList<>();
  private transient @Nullable S3Clients opened;

  /** Makes one; {@link #initialize} configures it. */
  public S3Store() {}

  @Override
  public synchronized void initialize(Map<String, String> newProperties) {
    close();
    properties = new HashMap<>(S3Defaults.complete(newProperties));
  }

  @Override
  public Map<String, String> properties() {
    return Map.copyOf(properties);
  }

  @Override
  public RangedInputFile newInputFile(String location) {
    return input(location, S3InputFile.UNKNOWN_LENGTH);
  }

  @Override
  public RangedInputFile newInputFile(String location, long length) {
    return input(location, length);
  }

  private S3InputFile input(String location, long length) {
    S3Clients clients = clients();
    S3Location file = clients.parseFile(location);
    return new S3InputFile(new S3Reads(file, new S3Connection(clients, file)), length);
  }

  @Override
  public StoreOutputFile newOutputFile(String location) {
    return output(location);
  }

  @Override
  public boolean putIfAbsent(String location, ByteBuffer bytes) {
    return output(location).putIfAbsent(bytes);
  }

  private S3OutputFile output(String location) {
    S3Clients clients = clients();
    S3Location file = clients.parseFile(location);
    return new S3OutputFile(file, new S3Connection(clients, file));
  }

  @Override
  public void deleteFile(String location) {
    S3Clients clients = clients();
    S3Location file = clients.parseFile(location);
    clients.deletes().delete(file, new S3Connection(clients, file));
  }

  @Override
  public void deleteFiles(Iterable<String> locations) throws BulkDeletionFailureException {
    S3Clients clients = clients();
    clients.deletes().deleteAll(locations, clients);
  }

  /** Lists what is below a directory: {@code t} has {@code t/a} and not {@code t2/b}. */
  @Override
  public Iterable<FileInfo> listPrefix(String prefix) {
    S3Clients clients = clients();
    S3Location directory = clients.parse(prefix);
    return new S3Listing(directory, new S3Connection(clients, directory));
  }

  /** Deletes what {@link #listPrefix} lists, as it lists it. */
  @Override
  public void deletePrefix(String prefix) {
    deleteFiles(
        () ->
            StreamSupport.stream(listPrefix(prefix).spliterator(), false)
                .map(FileInfo::location)
                .iterator());
  }

  @Override
  public List<StoreProbe> probes() {
    return new S3Probes(clients()).all();
  }

  @Override
  public StoreCounts counts() {
    return clients().meter().counts();
  }

  @Override
  public synchronized void setCredentials(List<StorageCredential> newCredentials) {
    credentials = new ArrayList<>(newCredentials);
    if (opened != null) {
      opened.setCredentials(credentials);
    }
  }

  @Override
  public synchronized List<StorageCredential> credentials() {
    return List.copyOf(credentials);
  }

  @Override
  public synchronized void close() {
    if (opened != null) {
      opened.close();
      opened = null;
    }
  }

  /** Names the store, and nothing that opens it. */
  @Override
  public String toString() {
    return "S3Store[" + properties.getOrDefault(S3FileIOProperties.ENDPOINT, "AWS") + "]";
  }

  private synchronized S3Clients clients() {
    if (opened == null) {
      opened = new S3Clients(properties);
      opened.setCredentials(credentials);
    }
    return opened;
  }
}
