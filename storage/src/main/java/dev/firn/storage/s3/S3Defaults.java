package dev.firn.storage.s3;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.aws.HttpClientProperties;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.util.PropertyUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What holds of Iceberg's properties of S3 where nothing else is set. Stateless. */
final class S3Defaults {
  /** Requests that go at once, and so connections and request threads. */
  private static final int MAX_CONNECTIONS = 64;

  private static final Logger LOG = LoggerFactory.getLogger(S3Defaults.class);

  /**
   * Iceberg waits two to twenty seconds between tries, so that a mistyped endpoint or key would
   * hang for two minutes. These give up after some ten seconds, and still back off from a store
   * that is busy. A request that waits for a connection has not failed.
   */
  private static final Map<String, String> VALUES =
      Map.of(
          S3FileIOProperties.S3_RETRY_NUM_RETRIES, "8",
          S3FileIOProperties.S3_RETRY_MIN_WAIT_MS, "100",
          S3FileIOProperties.S3_RETRY_MAX_WAIT_MS, "5000",
          S3FileIOProperties.DELETE_BATCH_SIZE, "1000",
          HttpClientProperties.APACHE_MAX_CONNECTIONS, Integer.toString(MAX_CONNECTIONS),
          HttpClientProperties.APACHE_CONNECTION_ACQUISITION_TIMEOUT_MS, "60000",
          HttpClientProperties.APACHE_EXPECT_CONTINUE_ENABLED, "false");

  /** Known to Iceberg, without an effect here. */
  private static final List<String> WITHOUT_EFFECT =
      List.of(S3FileIOProperties.STAGING_DIRECTORY, "s3.crt.", "s3.analytics-accelerator.");

  /** A catalog opens a store for each table. */
  private static final Set<String> WARNED = ConcurrentHashMap.newKeySet();

  private S3Defaults() {}

  /**
   * Returns the properties, and the defaults of those that are missing.
   *
   * @throws FirnException INVALID where half a key is set, or a value is none
   */
  static Map<String, String> complete(Map<String, String> properties) {
    refuseHalfAKey(properties);
    properties.keySet().stream()
        .filter(key -> WITHOUT_EFFECT.stream().anyMatch(key::startsWith))
        .filter(WARNED::add)
        .sorted()
        .forEach(key -> LOG.warn("{} is set and has no effect: Firn does without", key));
    Map<String, String> all = new HashMap<>(VALUES);
    all.putAll(properties);
    refuseBadValues(all);
    return all;
  }

  /** How many requests go at once. */
  static int maxConnections(Map<String, String> properties) {
    return PropertyUtil.propertyAsInt(
        properties, HttpClientProperties.APACHE_MAX_CONNECTIONS, MAX_CONNECTIONS);
  }

  private static void refuseBadValues(Map<String, String> properties) {
    try {
      S3FileIOProperties unused = new S3FileIOProperties(properties);
      if (maxConnections(properties) < 1) {
        throw new IllegalArgumentException(
            HttpClientProperties.APACHE_MAX_CONNECTIONS + " must be 1 or more");
      }
    } catch (IllegalArgumentException | ValidationException e) {
      throw new FirnException(
          ErrorKind.INVALID,
          "Cannot open storage: a property has a value that it cannot have: " + e.getMessage(),
          e);
    }
  }

  private static void refuseHalfAKey(Map<String, String> properties) {
    boolean id = properties.containsKey(S3FileIOProperties.ACCESS_KEY_ID);
    boolean secret = properties.containsKey(S3FileIOProperties.SECRET_ACCESS_KEY);
    if (id != secret) {
      throw FirnException.invalid(
          "Cannot open storage: %s is set and %s is not, expected both or neither"
              .formatted(
                  id ? S3FileIOProperties.ACCESS_KEY_ID : S3FileIOProperties.SECRET_ACCESS_KEY,
                  id ? S3FileIOProperties.SECRET_ACCESS_KEY : S3FileIOProperties.ACCESS_KEY_ID));
    }
  }
}
