package dev.firn.bench.s3;

import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.hadoop.HadoopFileIO;
import org.apache.iceberg.io.FileIO;

/** The peers' stores, as they come by default. Stateless. */
final class Stores {
  private Stores() {}

  /** Iceberg's own. */
  static FileIO iceberg(Map<String, String> server) {
    S3FileIO store = new S3FileIO();
    store.initialize(server);
    return store;
  }

  /** Hadoop's S3A, which keeps its file system, and so its connections, for the process. */
  static FileIO s3a(Map<String, String> server) {
    Configuration hadoop = new Configuration(false);
    hadoop.addResource("core-default.xml");
    hadoop.set("fs.s3.impl", "org.apache.hadoop.fs.s3a.S3AFileSystem");
    hadoop.set("fs.s3a.endpoint", server.get("s3.endpoint"));
    hadoop.set("fs.s3a.endpoint.region", server.get("client.region"));
    hadoop.set("fs.s3a.access.key", server.get("s3.access-key-id"));
    hadoop.set("fs.s3a.secret.key", server.get("s3.secret-access-key"));
    hadoop.set("fs.s3a.path.style.access", server.get("s3.path-style-access"));
    hadoop.set("fs.s3a.connection.ssl.enabled", "false");
    hadoop.set(
        "fs.s3a.aws.credentials.provider", "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider");
    return new HadoopFileIO(hadoop);
  }
}
