package dev.firn.testing.s3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.s3.RawClient.End;
import dev.firn.testing.s3.RawClient.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class S3FaultProxyTest {
  private static final byte[] NOTHING = {};

  private MapServer server;
  private S3FaultProxy proxy;

  @BeforeEach
  void start() throws IOException {
    server = new MapServer();
    proxy = S3FaultProxy.start(server.port());
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    server.close();
  }

  @Test
  void passesBodiesOfAllSizesBothWaysOverOneConnection() throws IOException {
    try (RawClient client = new RawClient(proxy.port())) {
      for (int size : new int[] {0, 1, 100, 16 << 10, (16 << 10) + 1, 64 << 10, 1_000_003}) {
        byte[] body = new byte[size];
        new Random(size).nextBytes(body);
        assertThat(client.send("PUT", "/b/k" + size, body).status()).isEqualTo(200);
        assertThat(server.object("/b/k" + size)).isEqualTo(body);
        assertThat(client.send("GET", "/b/k" + size, NOTHING).body()).isEqualTo(body);
      }
      assertThat(client.send("HEAD", "/b/k100", NOTHING).status()).isEqualTo(200);
      assertThat(client.send("GET", "/b?list-type=2", NOTHING).text()).isEqualTo("a list");
    }
  }

  @Test
  void logsWhatEachRequestMeans() throws IOException {
    send("PUT", "/b/a%20key", "12345");
    send("GET", "/b/a%20key", "");
    try (RawClient client = new RawClient(proxy.port())) {
      client.send("GET", "/b/a%20key", Map.of("Range", "bytes=0-1"), NOTHING);
    }
    send("HEAD", "/other/key", "");

    List<S3Exchange> log = proxy.requests().of("s3://b");
    assertThat(log).extracting(S3Exchange::key).containsOnly("a key");
    assertThat(log).extracting(S3Exchange::status).containsOnly(200);
    assertThat(log).extracting(S3Exchange::sent).containsExactly(5L, 0L, 0L);
    assertThat(log).extracting(S3Exchange::answered).containsExactly(0L, 5L, 5L);
    assertThat(proxy.requests().counts("b"))
        .isEqualTo(
            Map.of(S3RequestKind.PUT, 1L, S3RequestKind.GET, 1L, S3RequestKind.GET_RANGE, 1L));
    assertThat(proxy.requests().of("other")).extracting(S3Exchange::status).containsExactly(404);
    proxy.requests().reset("b");
    assertThat(proxy.requests().of("b")).isEmpty();
    assertThat(proxy.requests().of("other")).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "GET,    /b/k,                          GET",
    "GET,    /b/k?uploadId=1,               LIST_PARTS",
    "HEAD,   /b/k,                          HEAD",
    "HEAD,   /b,                            OTHER",
    "PUT,    /b/k,                          PUT",
    "PUT,    /b,                            OTHER",
    "PUT,    /b/k?partNumber=1&uploadId=2,  UPLOAD_PART",
    "POST,   /b/k?uploads,                  CREATE_MULTIPART",
    "POST,   /b/k?uploadId=1,               COMPLETE",
    "POST,   /b?delete,                     DELETE_MANY",
    "DELETE, /b/k,                          DELETE",
    "DELETE, /b/k?uploadId=1,               ABORT",
    "GET,    /b?list-type=2&prefix=p,       LIST",
    "GET,    /b/?prefix=p,                  LIST",
    "GET,    /b?uploads,                    LIST_UPLOADS",
    "GET,    /b?location,                   OTHER",
    "GET,    /,                             OTHER",
  })
  void knowsKindsOfRequests(String method, String target, S3RequestKind kind) {
    HttpHead head = new HttpHead(method + " " + target + " HTTP/1.1", List.of(), Map.of());

    assertThat(S3Request.of(head).kind()).isEqualTo(kind);
  }

  @Test
  void failsTheRequestsOfARuleAndNoOthers() throws IOException {
    proxy.faults().add(S3Rule.on("s3://b", S3RequestKind.GET, S3Fault.SLOW_DOWN).skip(1).times(2));

    assertThat(send("PUT", "/b/k", "x").status()).isEqualTo(200);
    List<Integer> statuses = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      statuses.add(send("GET", "/b/k", "").status());
      assertThat(send("GET", "/other/k", "").status()).isEqualTo(200);
    }

    assertThat(statuses).containsExactly(200, 503, 503, 200);
    assertThat(proxy.faults().happened("b")).isEqualTo(Map.of(S3Fault.SLOW_DOWN, 2L));
    assertThat(proxy.requests().of("b"))
        .extracting(S3Exchange::fault)
        .containsExactly(null, null, S3Fault.SLOW_DOWN, S3Fault.SLOW_DOWN, null);
  }

  @Test
  void refusesWithStatusAndCodeWithoutEffect() throws IOException {
    proxy.faults().add(S3Rule.on("b", S3RequestKind.PUT, S3Fault.INTERNAL_ERROR));

    Reply reply = send("PUT", "/b/k", "x");

    assertThat(reply.status()).isEqualTo(500);
    assertThat(reply.text()).contains("<Code>InternalError</Code>");
    assertThat(server.object("/b/k")).isEmpty();
  }

  @Test
  void resetsBeforeTheEffect() throws IOException {
    proxy.faults().add(S3Rule.on("b", S3RequestKind.PUT, S3Fault.RESET_BEFORE));

    Reply reply = send("PUT", "/b/k", "x");

    assertThat(reply.end()).isEqualTo(End.RESET);
    assertThat(server.object("/b/k")).isEmpty();
  }

  @Test
  void losesTheAnswerAfterTheEffect() throws IOException {
    proxy.faults().add(S3Rule.on("b", S3RequestKind.PUT, S3Fault.ANSWER_LOST));

    Reply reply = send("PUT", "/b/k", "x");

    assertThat(reply.end()).isEqualTo(End.RESET);
    assertThat(server.object("/b/k")).isEqualTo("x".getBytes(UTF_8));
    assertThat(proxy.requests().of("b")).extracting(S3Exchange::status).containsExactly(200);
  }

  @ParameterizedTest
  @EnumSource(
      value = S3Fault.class,
      names = {"RESET_BODY", "TRUNCATED_BODY"})
  void cutsTheBodyOfAnAnswer(S3Fault fault) throws IOException {
    send("PUT", "/b/k", "0123456789");
    proxy.faults().add(S3Rule.on("b", S3RequestKind.GET, fault));

    Reply reply = send("GET", "/b/k", "");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.end()).isEqualTo(fault == S3Fault.RESET_BODY ? End.RESET : End.ENDED);
    assertThat("0123456789").startsWith(reply.text());
    assertThat(reply.body().length).isLessThan(10);
    assertThat(send("GET", "/b/k", "").text()).isEqualTo("0123456789");
  }

  @Test
  void stallsUntilTheClientGivesUp() throws IOException {
    send("PUT", "/b/k", "0123456789");
    proxy.faults().add(S3Rule.on("b", S3RequestKind.GET, S3Fault.STALL));

    try (RawClient client = new RawClient(proxy.port(), 100)) {
      Reply reply = client.send("GET", "/b/k", NOTHING);

      assertThat(reply.end()).isEqualTo(End.STALLED);
      assertThat(reply.text()).isEqualTo("01234");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = S3Fault.class,
      names = {"FLIPPED_ANSWER", "FLIPPED_REQUEST"})
  void flipsOneBit(S3Fault fault) throws IOException {
    byte[] body = new byte[200_000];
    new Random(1).nextBytes(body);
    String text = new String(body, ISO_8859_1);
    proxy.faults().add(S3Rule.on("b", request -> true, fault));

    send("PUT", "/b/k", text);
    byte[] got = send("GET", "/b/k", "").body();

    assertThat(got).hasSameSizeAs(body);
    int bits = 0;
    for (int i = 0; i < body.length; i++) {
      bits += Integer.bitCount((body[i] ^ got[i]) & 0xff);
    }
    assertThat(bits).isOne();
    assertThat(send("GET", "/b/k", "").body()).isEqualTo(server.object("/b/k"));
  }

  @Test
  void flipsABitOfTheObjectAndNotOfItsFraming() throws IOException {
    proxy.faults().add(S3Rule.on("b", S3RequestKind.PUT, S3Fault.FLIPPED_REQUEST));

    try (RawClient client = new RawClient(proxy.port())) {
      String framed = "5;chunk-signature=1\r\nAAAAA\r\n0\r\n\r\n";
      client.send(
          "PUT", "/b/k", Map.of("x-amz-decoded-content-length", "5"), framed.getBytes(UTF_8));
    }

    assertThat(new String(server.object("/b/k"), UTF_8))
        .isEqualTo("5;chunk-signature=1\r\nAA@AA\r\n0\r\n\r\n");
    assertThat(proxy.requests().of("b")).extracting(S3Exchange::sent).containsExactly(5L);
  }

  @Test
  void failsByChanceTheSameWayUnderTheSameSeed() throws IOException {
    for (String bucket : List.of("one", "two")) {
      proxy.faults().random(bucket, 7, 0.3, EnumSet.complementOf(EnumSet.of(S3Fault.STALL)));
      for (int i = 0; i < 60; i++) {
        send(i % 3 == 0 ? "PUT" : "GET", "/" + bucket + "/k", "");
      }
    }

    assertThat(proxy.requests().of("one")).extracting(S3Exchange::fault).isEqualTo(fates("two"));
    assertThat(proxy.requests().of("one").stream().filter(each -> each.fault() != null).count())
        .isBetween(9L, 28L);
    assertThat(send("GET", "/three/k", "").end()).isEqualTo(End.WHOLE);
  }

  @Test
  void delaysEveryRequestOfABucket() throws IOException {
    proxy.faults().latency("b", Duration.ofMillis(30));

    long begin = System.nanoTime();
    send("GET", "/b/k", "");
    send("GET", "/b/k", "");

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(60));
  }

  @Test
  void clearsOneBucket() throws IOException {
    proxy.faults().add(S3Rule.on("b", request -> true, S3Fault.SLOW_DOWN).always());
    proxy.faults().add(S3Rule.on("c", request -> true, S3Fault.SLOW_DOWN).always());
    proxy.faults().clear("s3://b");

    assertThat(send("GET", "/b/k", "").status()).isEqualTo(200);
    assertThat(send("GET", "/c/k", "").status()).isEqualTo(503);
  }

  @Test
  void letsOneOfManyConditionalWritesWin() throws Exception {
    ExecutorService writers = Executors.newFixedThreadPool(8);
    try {
      for (int round = 0; round < 20; round++) {
        String path = "/b/round" + round;
        List<Future<Integer>> statuses = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          statuses.add(writers.submit(() -> createIfAbsent(path)));
        }
        int won = 0;
        for (Future<Integer> status : statuses) {
          won += status.get() == 200 ? 1 : 0;
        }
        assertThat(won).isOne();
      }
    } finally {
      writers.shutdownNow();
    }
  }

  private int createIfAbsent(String path) throws IOException {
    try (RawClient client = new RawClient(proxy.port())) {
      return client.send("PUT", path, Map.of("If-None-Match", "*"), new byte[] {1}).status();
    }
  }

  private List<S3Fault> fates(String bucket) {
    List<S3Fault> fates = new ArrayList<>();
    proxy.requests().of(bucket).forEach(each -> fates.add(each.fault()));
    return fates;
  }

  private Reply send(String method, String target, String body) throws IOException {
    try (RawClient client = new RawClient(proxy.port())) {
      return client.send(method, target, body.getBytes(ISO_8859_1));
    }
  }
}
