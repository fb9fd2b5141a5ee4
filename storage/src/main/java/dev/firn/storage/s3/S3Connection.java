package dev.firn.storage.s3;

import dev.firn.storage.StoreMeter;
import java.util.concurrent.ExecutorService;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * How one location is reached: with the credentials that hold for it at each request. Thread-safe.
 * Borrows everything from its store.
 */
final class S3Connection {
  private final S3Clients clients;
  private final S3Location location;
  private final S3Client client;

  S3Connection(S3Clients clients, S3Location location) {
    this.clients = clients;
    this.location = location;
    this.client = clients.client(location);
  }

  /**
   * The client: each of its requests has the newest credentials, waits where the store asked to
   * slow down, is sent again where that may help, and is counted by the {@link #meter()}, of which
   * callers count bytes only. Fails as the SDK does, see {@link #failure}. Bodies must be read
   * within the call, through a {@code ResponseTransformer}. Not to be closed.
   */
  S3Client client() {
    return client;
  }

  /** What is configured for the location. */
  S3FileIOProperties settings() {
    return clients.settings(location);
  }

  /** Where bytes are counted; requests are by {@link #client()}. */
  StoreMeter meter() {
    return clients.meter();
  }

  /** Threads for requests that go side by side. No task may wait for another one. */
  ExecutorService requests() {
    return clients.requests();
  }

  /** What all writers of the store share. */
  S3Uploads uploads() {
    return clients.uploads();
  }

  /** What a failed request means to the caller, see {@link S3Failure}. */
  RuntimeException failure(String verb, String where, Throwable error) {
    return S3Failure.translate(verb, where, error);
  }
}
