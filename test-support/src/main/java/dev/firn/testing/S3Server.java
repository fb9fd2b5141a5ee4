package dev.firn.testing;

import dev.firn.testing.s3.S3FaultProxy;
import dev.firn.testing.s3.S3Faults;
import dev.firn.testing.s3.S3RequestLog;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

/**
 * An S3 server in this process, on the loopback interface, its objects in memory, behind a proxy
 * that logs its requests and injects faults. Thread-safe. Needs {@code org.gaul:s3proxy}.
 *
 * <p>Limit: a key {@code a} and a key {@code a/b} cannot both exist.
 */
public final class S3Server implements AutoCloseable {
  private static final String ACCESS_KEY = "test";
  private static final String SECRET_KEY = "do-not-show-s3-secret";

  private final S3Proxy server;
  private final TransientNio2BlobStore objects;
  private final S3FaultProxy proxy;

  private S3Server(S3Proxy server, TransientNio2BlobStore objects, S3FaultProxy proxy) {
    this.server = server;
    this.objects = objects;
    this.proxy = proxy;
  }

  public static S3Server start() {
    TransientNio2BlobStore objects = new TransientNio2BlobStore();
    S3Proxy server =
        S3Proxy.builder()
            .blobStore(objects)
            .endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(AuthenticationType.AWS_V4, ACCESS_KEY, SECRET_KEY)
            .ignoreUnknownHeaders(true)
            .build();
    try {
      server.start();
      return new S3Server(server, objects, S3FaultProxy.start(server.getPort()));
    } catch (Exception e) {
      throw new IllegalStateException("Cannot start S3 server", e);
    }
  }

  /** Creates an empty bucket and returns its URI, without a trailing slash. */
  public String newBucket() {
    String name = "bucket-" + UUID.randomUUID();
    objects.createContainer(name);
    return "s3://" + name;
  }

  /** Returns its log of requests, of all buckets. */
  public S3RequestLog requests() {
    return proxy.requests();
  }

  /** Returns what goes wrong with requests, nothing to begin with. */
  public S3Faults faults() {
    return proxy.faults();
  }

  /** Returns the keys of the objects in a bucket, given by name or URI; asks no proxy. */
  public Set<String> keys(String bucket) {
    Set<String> keys = new TreeSet<>();
    ListObjectsV2Request request = ListObjectsV2Request.builder().bucket(name(bucket)).build();
    ListObjectsV2Response page = objects.list(request);
    page.contents().forEach(object -> keys.add(object.key()));
    while (page.nextContinuationToken() != null) {
      String next = page.nextContinuationToken();
      page = objects.list(request.toBuilder().continuationToken(next).build());
      page.contents().forEach(object -> keys.add(object.key()));
    }
    return keys;
  }

  /** Returns the keys of the multipart uploads that are open in a bucket, given by name or URI. */
  public List<String> uploads(String bucket) {
    return objects.listMultipartUploads(name(bucket)).stream()
        .map(MultipartUpload::key)
        .sorted()
        .toList();
  }

  private static String name(String bucket) {
    return bucket.startsWith("s3://") ? bucket.substring("s3://".length()) : bucket;
  }

  /** Returns what Iceberg's {@code S3FileIO} must know to reach it. */
  public Map<String, String> properties() {
    return Map.of(
        "s3.endpoint",
        "http://127.0.0.1:" + proxy.port(),
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
      proxy.close();
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("Cannot stop S3 server", e);
    }
  }
}
