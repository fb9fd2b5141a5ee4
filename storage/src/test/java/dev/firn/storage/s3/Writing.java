package dev.firn.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.storage.StoreOutputStream;
import dev.firn.testing.S3Server;
import dev.firn.testing.s3.S3RequestKind;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.iceberg.aws.s3.S3FileIOProperties;

/** A bucket of the tests' server, and what writes to it with parts as small as S3 takes them. */
final class Writing implements AutoCloseable {
  static final int PART = 5 << 20;

  private final S3Server server;
  private final S3Clients clients;
  final String bucket;

  Writing(S3Server server, Map<String, String> more) {
    this.server = server;
    this.bucket = server.newBucket();
    Map<String, String> properties = new HashMap<>(server.properties());
    properties.put("s3.multipart.part-size-bytes", Integer.toString(PART));
    properties.put("s3.retry.num-retries", "2");
    properties.put("s3.retry.min-wait-ms", "1");
    properties.put("s3.retry.max-wait-ms", "5");
    properties.putAll(more);
    clients = new S3Clients(S3Defaults.complete(properties));
  }

  S3OutputFile file(String key) {
    return new S3OutputFile(location(key), connect(key));
  }

  S3Location location(String key) {
    return S3Location.parse(bucket + "/" + key);
  }

  S3Connection connect(String key) {
    return new S3Connection(clients, location(key));
  }

  S3Uploads uploads() {
    return connect("any").uploads();
  }

  /** A writer with parts and a budget of a size of the test's own. */
  S3OutputStream stream(String key, long partBytes, PartBudget budget) {
    WriteSettings settings =
        new WriteSettings(partBytes, partBytes, WriteSettings.Checksums.CRC32C, true);
    WriteRequests requests =
        new WriteRequests(location(key), new S3FileIOProperties(), settings, true, key);
    ChunkPool pool = new ChunkPool(partBytes);
    return new S3OutputStream(
        new S3Write(connect(key), new S3Uploads(budget, pool, new AtomicBoolean()), requests));
  }

  void write(String key, byte[] bytes) throws IOException {
    try (StoreOutputStream out = file(key).createOrOverwrite()) {
      out.write(bytes);
    }
  }

  void create(String key, byte[] bytes) throws IOException {
    try (StoreOutputStream out = file(key).create()) {
      out.write(bytes);
    }
  }

  byte[] read(String key) {
    S3Location location = location(key);
    return connect(key)
        .client()
        .getObjectAsBytes(get -> get.bucket(location.bucket()).key(location.key()))
        .asByteArray();
  }

  boolean exists(String key) {
    WriteRequests requests = WriteRequests.of(location(key), new S3FileIOProperties(), false);
    return new S3Write(connect(key), uploads(), requests).look() != S3Write.Standing.ABSENT;
  }

  long requests(S3RequestKind kind) {
    return server.requests().count(bucket, kind);
  }

  /** Nothing is left of writes that are over, here or there. */
  void assertNothingIsOpen(long inFlightBytes) {
    assertThat(server.uploads(bucket)).isEmpty();
    assertThat(uploads().budget().freeBytes()).isEqualTo(inFlightBytes);
    assertThat(uploads().pool().freeBytes()).isZero();
  }

  static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  @Override
  public void close() {
    server.faults().clear(bucket);
    clients.close();
  }
}
