package dev.firn.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.cli.Firn;
import dev.firn.testing.PostgresServer;
import dev.firn.testing.S3Server;
import dev.firn.testing.TestServers;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The whole story with files in S3 and pointers in a database. */
@ExtendWith(TestServers.class)
class QuickstartOnS3IT {
  @Test
  void holdsWithPointersInSqlite(S3Server s3, @TempDir Path directory) {
    tellStory(s3, "jdbc:sqlite:" + directory.resolve("catalog.db"), "--catalog jdbc:sqlite:");
  }

  @Test
  void holdsWithPointersInPostgresql(S3Server s3, PostgresServer postgres) {
    // what stands behind the question mark may be a password, and is not repeated
    String catalog = postgres.newDatabase();
    tellStory(s3, catalog, "--catalog " + catalog.substring(0, catalog.indexOf('?')));
  }

  private static void tellStory(S3Server s3, String catalog, String shown) {
    String bucket = s3.newBucket();
    List<String> place = new ArrayList<>(List.of("--warehouse", bucket + "/lake"));
    place.addAll(List.of("--catalog", catalog));
    for (Map.Entry<String, String> property : s3.properties().entrySet()) {
      place.addAll(List.of("--property", property.getKey() + "=" + property.getValue()));
    }

    assertThat(firn(place, "quickstart", "--scale", "0.0005"))
        .contains("[9/9]", "all 15 checks held", "describe tpch.lineitem --warehouse s3://", shown)
        .doesNotContain(s3.properties().get("s3.secret-access-key"));

    assertThat(firn(place, "sql", "-o", "csv", "-c", "SELECT count(*) AS orders FROM tpch.orders"))
        .isEqualTo("orders\n750\n");
    assertThat(s3.keys(bucket)).anyMatch(key -> key.endsWith(".parquet"));
    assertThat(s3.uploads(bucket)).isEmpty();
  }

  /** Runs a command that must succeed, and returns what it printed. */
  private static String firn(List<String> place, String... words) {
    List<String> arguments = new ArrayList<>(List.of(words));
    arguments.addAll(place);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Firn.run(
            arguments.toArray(String[]::new),
            InputStream.nullInputStream(),
            out,
            new PrintStream(err, true, StandardCharsets.UTF_8));
    assertThat(code).as(err.toString(StandardCharsets.UTF_8)).isZero();
    return out.toString(StandardCharsets.UTF_8);
  }
}
