package dev.firn.storage.scheme;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.Locations;
import dev.firn.storage.Store;
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
      store.initialize(properties);
      return store;
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new FirnException(
          ErrorKind.INVALID,
          "Cannot open storage: classes for the scheme are missing (%s), expected %s on the class path, got scheme %s [%s]"
              .formatted(e.getMessage(), jars, Locations.scheme(location), location),
          e);
    }
  }
}
