package dev.firn.storage.scheme;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.Locations;
import dev.firn.storage.Store;
import java.util.HashMap;
import java.util.Map;

/**
 * What is not on the local disk. The classes are named, not referenced: they load on first use, and
 * may be missing.
 */
enum RemoteStore {
  S3(
      "dev.firn.storage.s3.S3Store",
      "iceberg-aws, and s3, sts, kms and apache-client of software.amazon.awssdk,",
      "org.apache.iceberg.aws.s3.S3FileIOProperties"
          + " software.amazon.awssdk.services.s3.S3Client"
          + " software.amazon.awssdk.services.sts.StsClient"
          + " software.amazon.awssdk.services.kms.KmsClient"
          + " software.amazon.awssdk.http.apache.ApacheHttpClient"),
  HADOOP(
      "dev.firn.storage.hadoop.HadoopStore",
      "hadoop-client-api, hadoop-client-runtime and the scheme's own connector",
      "org.apache.hadoop.conf.Configuration org.apache.hadoop.fs.FileSystem");

  private final String opener;
  private final String jars;
  private final String needed;

  RemoteStore(String opener, String jars, String needed) {
    this.opener = opener;
    this.jars = jars;
    this.needed = needed;
  }

  /**
   * Iceberg waits two to twenty seconds between tries, so that a mistyped endpoint or key would
   * hang for two minutes. These give up after about sixteen seconds, and still back off from a
   * store that is busy.
   */
  private static final Map<String, String> S3_DEFAULTS =
      Map.of(
          "s3.retry.num-retries", "8",
          "s3.retry.min-wait-ms", "100",
          "s3.retry.max-wait-ms", "5000");

  private static final String ACCESS_KEY = "s3.access-key-id";
  private static final String SECRET_KEY = "s3.secret-access-key";

  static RemoteStore of(String scheme) {
    return switch (scheme) {
      case "s3", "s3a", "s3n" -> S3;
      default -> HADOOP;
    };
  }

  /**
   * Makes a store for the scheme of {@code location}.
   *
   * @throws FirnException INVALID, naming the jars, where its classes are missing
   */
  Store open(String location, Map<String, String> properties) {
    try {
      ClassLoader loader = RemoteStore.class.getClassLoader();
      for (String name : needed.split(" ", -1)) {
        Class.forName(name, false, loader);
      }
      Store store =
          Class.forName(opener, true, loader)
              .asSubclass(Store.class)
              .getDeclaredConstructor()
              .newInstance();
      store.initialize(this == S3 ? ofS3(properties) : properties);
      return store;
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new FirnException(
          ErrorKind.INVALID,
          "Cannot open storage: classes for the scheme are missing (%s), expected %s on the class path, got scheme %s [%s]"
              .formatted(e.getMessage(), jars, Locations.scheme(location), location),
          e);
    }
  }

  private static Map<String, String> ofS3(Map<String, String> properties) {
    if (properties.containsKey(ACCESS_KEY) != properties.containsKey(SECRET_KEY)) {
      boolean secretMissing = properties.containsKey(ACCESS_KEY);
      throw FirnException.invalid(
          "Cannot open storage: %s is set and %s is not, expected both or neither"
              .formatted(
                  secretMissing ? ACCESS_KEY : SECRET_KEY,
                  secretMissing ? SECRET_KEY : ACCESS_KEY));
    }
    Map<String, String> all = new HashMap<>(S3_DEFAULTS);
    all.putAll(properties);
    return all;
  }
}
