package dev.firn;

import java.util.List;

/**
 * The names that Iceberg 1.11's S3 store has for its properties, and those that ours has beside
 * them, as literals: the classes that hold them come with the AWS SDK, which a lakehouse on local
 * disk does not load. A mistyped one would have no effect and no error. {@code StorePropertiesTest}
 * compares the two.
 */
final class StoreProperties {
  static final List<String> NAMES =
      List.of(
          "s3.acceleration-enabled",
          "s3.access-grants.enabled",
          "s3.access-grants.fallback-to-iam",
          "s3.access-key-id",
          "s3.acl",
          "s3.checksum-enabled",
          "s3.chunked-encoding-enabled",
          "s3.client-factory-impl",
          "s3.conditional-writes-enabled",
          "s3.cross-region-access-enabled",
          "s3.crt.enabled",
          "s3.crt.max-concurrency",
          "s3.delete-enabled",
          "s3.delete.batch-size",
          "s3.delete.num-threads",
          "s3.directory-bucket.list-prefix-as-directory",
          "s3.dualstack-enabled",
          "s3.endpoint",
          "s3.multipart.in-flight-bytes",
          "s3.multipart.num-threads",
          "s3.multipart.part-size-bytes",
          "s3.multipart.threshold",
          "s3.path-style-access",
          "s3.preload-client-enabled",
          "s3.remote-signing-enabled",
          "s3.retry.max-wait-ms",
          "s3.retry.min-wait-ms",
          "s3.retry.num-retries",
          "s3.secret-access-key",
          "s3.session-token",
          "s3.session-token-expires-at-ms",
          "s3.signer.endpoint",
          "s3.signer.uri",
          "s3.sse.key",
          "s3.sse.md5",
          "s3.sse.type",
          "s3.staging-dir",
          "s3.use-arn-region-enabled",
          "s3.write.namespace-tag-enabled",
          "s3.write.storage-class",
          "s3.write.table-tag-enabled",
          "client.assume-role.arn",
          "client.assume-role.external-id",
          "client.assume-role.region",
          "client.assume-role.session-name",
          "client.assume-role.timeout-sec",
          "client.credentials-provider",
          "client.factory",
          "client.legacy-md5-plugin-enabled",
          "client.pool.cache.eviction-interval-ms",
          "client.refresh-credentials-enabled",
          "client.refresh-credentials-endpoint",
          "client.region");

  /** What follows these is the user's own, or another library's. */
  static final List<String> PREFIXES =
      List.of(
          "s3.access-points.",
          "s3.analytics-accelerator.",
          "s3.delete.tags.",
          "s3.write.tags.",
          "client.assume-role.tags.",
          "client.credentials-provider.");

  private StoreProperties() {}

  /** Whether the key is one of those that are known by name. */
  static boolean checks(String key) {
    return key.startsWith("s3.") || key.startsWith("client.");
  }

  static boolean knows(String key) {
    return NAMES.contains(key) || PREFIXES.stream().anyMatch(key::startsWith);
  }
}
