package dev.firn.testing;

import java.net.URI;
import java.util.Map;
import java.util.UUID;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;

/**
 * An S3 server in this process, on the loopback interface, its objects in memory. Thread-safe.
 * Needs {@code org.gaul:s3proxy}.
 *
 * <p>Limits: a key {@code a} and a key {@code a/b} cannot both exist; conditional writes that race
 * on one key are not to be trusted.
 */
public final class S3Server implements AutoCloseable {
  private static final String ACCESS_KEY = "test";
  private static final String SECRET_KEY = "testtesttest";

  private final S3Proxy proxy;
  private final TransientNio2BlobStore objects;

  private S3Server(S3Proxy proxy, TransientNio2BlobStore objects) {
    this.proxy = proxy;
    this.objects = objects;
  }

  public static S3Server start() {
    TransientNio2BlobStore objects = new TransientNio2BlobStore();
    S3Proxy proxy =
        S3Proxy.builder()
            .blobStore(objects)
            .endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(AuthenticationType.AWS_V4, ACCESS_KEY, SECRET_KEY)
            .ignoreUnknownHeaders(true)
            .build();
    try {
      proxy.start();
    } catch (Exception e) {
      throw new IllegalStateException("Cannot start S3 server", e);
    }
    return new S3Server(proxy, objects);
  }

  /** Creates an empty bucket and returns its URI, without a trailing slash. */
  public String newBucket() {
    String name = "bucket-" + UUID.randomUUID();
    objects.createContainer(name);
    return "s3://" + name;
  }

  /** Returns what Iceberg's {@code S3FileIO} must know to reach it. */
  public Map<String, String> properties() {
    return Map.of(
        "s3.endpoint",
        "http://127.0.0.1:" + proxy.getPort(),
        "s3.access-key-id",
        ACCESS_KEY,
        "s3.secret-access-key",
        SECRET_KEY,
        "s3.path-style-access",
        "true",
        "client.region",
        "us-east-1");
  }

  @Override
  public void close() {
    try {
      proxy.stop();
    } catch (Exception e) {
      throw new IllegalStateException("Cannot stop S3 server", e);
    }
  }
}
