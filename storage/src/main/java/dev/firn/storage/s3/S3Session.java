package dev.firn.storage.s3;

import java.util.Map;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * The client for one set of properties and credentials, made at its first request, closed when it
 * is retired and its last request has ended. Thread-safe. Owns the client.
 */
final class S3Session {
  private final String prefix;
  private final S3ClientSource source;
  private final S3FileIOProperties settings;
  private S3ClientSource.@Nullable Opened opened;
  private int running;
  private boolean retired;

  /**
   * Makes one.
   *
   * @param prefix of the locations that it is for
   */
  S3Session(String prefix, Map<String, String> properties, S3ClientSource source) {
    this.prefix = prefix;
    this.source = source;
    this.settings = new S3FileIOProperties(properties);
  }

  String prefix() {
    return prefix;
  }

  S3FileIOProperties settings() {
    return settings;
  }

  /**
   * Begins a request; {@link #leave()} must follow.
   *
   * @return null: the session is closed, look for its successor
   */
  synchronized @Nullable S3Client enter() {
    if (retired) {
      return null;
    }
    if (opened == null) {
      opened = source.open(settings.properties());
    }
    running++;
    return opened.client();
  }

  synchronized void leave() {
    running--;
    closeWhenIdle();
  }

  /** Lets no request begin any more. */
  synchronized void retire() {
    retired = true;
    closeWhenIdle();
  }

  private void closeWhenIdle() {
    if (retired && running == 0 && opened != null) {
      opened.close();
      opened = null;
    }
  }
}
