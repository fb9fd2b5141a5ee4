package dev.firn.it.secret;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.ChildJvm;
import dev.firn.testing.PostgresServer;
import dev.firn.testing.S3Server;
import dev.firn.testing.TestServers;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever goes right or wrong, no secret is in a log, in an error or its causes, in an object's
 * text, or in what a command prints. In a process of its own, whose log is at DEBUG.
 */
@ExtendWith(TestServers.class)
class SecretsIT {
  private static final String TOKEN = "do-not-show-session-token";
  private static final String PASSWORD = "do-not-show-jdbc-password";
  private static final String WRONG_KEY = "do-not-show-wrong-s3-key";
  private static final String CUSTOMER_KEY = "do-not-show-the-key-of-customers";
  private static final String REST_TOKEN = "do-not-show-rest-token";

  private final Map<String, String> sound = new TreeMap<>();
  private final List<String> secrets;

  SecretsIT(S3Server s3, PostgresServer postgres) {
    String catalog = postgres.newDatabase();
    sound.putAll(s3.properties());
    sound.put("warehouse", s3.newBucket() + "/lake");
    sound.put("catalog", catalog.substring(0, catalog.indexOf('?')));
    sound.put("jdbc.user", "postgres");
    sound.put("jdbc.password", PASSWORD);
    sound.put("s3.session-token", TOKEN);
    sound.put("s3.retry.num-retries", "1");
    secrets =
        List.of(
            s3.properties().get("s3.secret-access-key"),
            TOKEN,
            PASSWORD,
            WRONG_KEY,
            CUSTOMER_KEY,
            base64(CUSTOMER_KEY.getBytes(UTF_8)),
            REST_TOKEN);
  }

  @Test
  void areNowhereToBeSeen(@TempDir Path directory) throws Exception {
    List<Map<String, String>> all =
        List.of(
            sound,
            with("s3.secret-access-key", WRONG_KEY),
            with("s3.endpoint", "http://127.0.0.1:1"),
            with("warehouse", "s3://no-such-bucket/lake"),
            with(
                "s3.sse.type",
                "custom",
                "s3.sse.key",
                base64(CUSTOMER_KEY.getBytes(UTF_8)),
                "s3.sse.md5",
                base64(md5(CUSTOMER_KEY))),
            with("s3.sse.type", "custom", "s3.sse.key", CUSTOMER_KEY),
            with("catalog", "jdbc:postgresql://127.0.0.1:1/none?user=me&password=" + PASSWORD),
            with("jdbc.user", "nobody"),
            with("s3.secret-acess-key", WRONG_KEY),
            with("catalog", "http://me:" + PASSWORD + "@127.0.0.1:1/rest"),
            with("catalog", "http://127.0.0.1:1/rest", "token", REST_TOKEN),
            with("catalog", "http://127.0.0.1:1/rest", "credential", "me:" + REST_TOKEN));

    String[] seen = run(all, directory.resolve("log"));

    assertThat(seen).hasSize(all.size() + 1);
    assertThat(seen[0]).contains("found 1", "firn describe ended with 0", "shop.orders");
    assertThat(seen[1]).contains("SignatureDoesNotMatch", "FirnException", "Caused by");
    assertThat(seen[2]).contains("the store did not answer", "firn create ended with");
    assertThat(seen[3]).contains("its bucket does not exist");
    for (int i = 4; i < all.size(); i++) {
      assertThat(seen[i]).as("run %d", i).contains("firn create ended with");
    }
    assertThat(seen[6]).contains("Cannot");
    assertThat(seen[8]).contains("s3.secret-acess-key", "it is unknown");
    assertThat(seen[9]).contains("set 'credential' or 'token' instead");
    assertThat(seen[all.size()]).as("log").contains("dev.firn");
    List<String> leaks =
        Arrays.stream(seen)
            .flatMap(String::lines)
            .filter(line -> secrets.stream().anyMatch(line::contains))
            .distinct()
            .toList();
    assertThat(leaks).isEmpty();
  }

  /** Returns what each run printed, and then the log. */
  private static String[] run(List<Map<String, String>> settings, Path log) throws Exception {
    List<String> arguments = new ArrayList<>();
    for (Map<String, String> each : settings) {
      List<String> lines = new ArrayList<>();
      each.forEach((key, value) -> lines.add(key + "=" + value));
      arguments.add(String.join("\n", lines));
    }
    try (ChildJvm process = ChildJvm.start(SecretsProcess.class, log, arguments)) {
      String[] runs = String.join("\n", process.rest()).split("--- next ---\n?");
      String[] all = Arrays.copyOf(runs, runs.length + 1);
      all[runs.length] = process.errors();
      return all;
    }
  }

  private Map<String, String> with(String... pairs) {
    Map<String, String> changed = new TreeMap<>(sound);
    for (int i = 0; i < pairs.length; i += 2) {
      changed.put(pairs[i], pairs[i + 1]);
    }
    return changed;
  }

  private static byte[] md5(String text) throws Exception {
    return MessageDigest.getInstance("MD5").digest(text.getBytes(UTF_8));
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
