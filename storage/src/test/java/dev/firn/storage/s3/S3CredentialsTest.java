package dev.firn.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.RangedInputFile;
import dev.firn.storage.s3.CannedS3.Asked;
import dev.firn.storage.s3.CannedS3.Told;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.io.StorageCredential;
import org.junit.jupiter.api.Test;

/** Which credentials a request has. */
class S3CredentialsTest {
  private static StorageCredential vended(String prefix, String id) {
    return StorageCredential.create(
        prefix,
        Map.of(
            "s3.access-key-id",
            id,
            "s3.secret-access-key",
            "vendedsecret",
            "s3.session-token",
            "token-of-" + id));
  }

  private static String keyOf(Asked request) {
    String header = request.header("authorization");
    int start = header.indexOf("Credential=") + "Credential=".length();
    return header.substring(start, header.indexOf('/', start));
  }

  private static String lastKey(CannedS3 server) {
    return keyOf(server.asked().get(server.asked().size() - 1));
  }

  @Test
  void longestPrefixWins() throws IOException {
    try (CannedS3 server = new CannedS3(any -> Told.ok(""));
        S3Store store = server.store()) {
      store.setCredentials(
          List.of(
              vended("s3://b/t", "SHORT"),
              vended("s3://b/t/data", "LONG"),
              vended("gs://b", "NO")));

      assertThat(keyFor(store, server, "s3://b/other/f")).isEqualTo("AKIATESTID");
      assertThat(keyFor(store, server, "s3://b/t/metadata/f")).isEqualTo("SHORT");
      assertThat(keyFor(store, server, "s3://b/t/data/f")).isEqualTo("LONG");
      assertThat(keyFor(store, server, "s3a://b/t/data/f")).isEqualTo("LONG");
      assertThat(server.asked().get(2).header("x-amz-security-token")).isEqualTo("token-of-LONG");
      assertThat(store.credentials()).hasSize(3);
    }
  }

  private static String keyFor(S3Store store, CannedS3 server, String location) {
    store.newInputFile(location).exists();
    return lastKey(server);
  }

  @Test
  void newCredentialsHoldForFilesThatAreOpen() throws IOException {
    try (CannedS3 server = new CannedS3(any -> Told.ok(""));
        S3Store store = server.store()) {
      store.setCredentials(List.of(vended("s3://b", "OLD")));
      RangedInputFile file = store.newInputFile("s3://b/f");
      file.exists();
      assertThat(lastKey(server)).isEqualTo("OLD");

      store.setCredentials(List.of(vended("s3://b", "NEW")));
      file.exists();
      assertThat(lastKey(server)).isEqualTo("NEW");

      store.setCredentials(List.of());
      file.exists();
      assertThat(lastKey(server)).isEqualTo("AKIATESTID");
    }
  }

  @Test
  void requestThatIsOnItsWayKeepsItsClient() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (CannedS3 server =
            new CannedS3(
                any -> {
                  arrived.countDown();
                  await(answer);
                  return Told.ok("");
                });
        S3Store store = server.store()) {
      store.setCredentials(List.of(vended("s3://b", "OLD")));
      Future<Boolean> exists = thread.submit(() -> store.newInputFile("s3://b/f").exists());
      await(arrived);
      store.setCredentials(List.of(vended("s3://b", "NEW")));
      answer.countDown();

      assertThat(exists.get(2, TimeUnit.MINUTES)).isTrue();
      assertThat(server.asked()).hasSize(1);
      assertThat(lastKey(server)).isEqualTo("OLD");
    } finally {
      thread.shutdownNow();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(2, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void credentialsAreRefreshedWhereTheCatalogSaysSo() throws IOException {
    String vended =
        "{\"storage-credentials\":[{\"prefix\":\"s3://b\",\"config\":{"
            + "\"s3.access-key-id\":\"REFRESHED\",\"s3.secret-access-key\":\"x\","
            + "\"s3.session-token\":\"t\",\"s3.session-token-expires-at-ms\":\"4102444800000\"}}]}";
    try (CannedS3 server =
        new CannedS3(
            each ->
                each.path().contains("credentials")
                    ? Told.ok(vended).with("Content-Type", "application/json")
                    : Told.ok(""))) {
      String catalog = server.properties().get("s3.endpoint");
      try (S3Store store =
          server.store(
              "uri",
              catalog,
              "client.refresh-credentials-endpoint",
              "v1/namespaces/n/tables/t/credentials")) {
        store.newInputFile("s3://b/f").exists();
        assertThat(lastKey(server)).isEqualTo("REFRESHED");
      }
    }
  }

  @Test
  void closedStoreOpensAgainAndIsClosedTwice() throws IOException {
    try (CannedS3 server = new CannedS3(any -> Told.ok(""))) {
      S3Store store = server.store();
      store.newInputFile("s3://b/f").exists();
      RangedInputFile old = store.newInputFile("s3://b/f");
      store.close();
      store.close();
      assertThatThrownBy(old::exists)
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("the store is closed");

      assertThat(store.newInputFile("s3://b/f").exists()).isTrue();
      store.close();
    }
  }

  @Test
  void roleNeedsItsNameAndRegion() throws IOException {
    try (CannedS3 server = new CannedS3(any -> Told.ok(""));
        S3Store store =
            server.store("client.factory", "org.apache.iceberg.aws.AssumeRoleAwsClientFactory")) {
      assertThatThrownBy(() -> store.newInputFile("s3://b/f").exists())
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("client.assume-role.region is not set")
          .extracting(e -> ((FirnException) e).kind())
          .isEqualTo(ErrorKind.INVALID);
    }
  }

  @Test
  void ownFactoryMakesTheClient() throws IOException {
    try (CannedS3 server = new CannedS3(any -> Told.ok(""));
        S3Store store = server.store("s3.client-factory-impl", OwnFactory.class.getName())) {
      store.newInputFile("s3://b/f").exists();
      assertThat(lastKey(server)).isEqualTo("FACTORY");
      assertThat(store.counts().heads()).isEqualTo(1);
    }
  }
}
