package dev.firn.storage.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.RangeReader;
import dev.firn.storage.s3.CannedS3.Told;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What answers mean. */
class S3AnswersTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "404 | NoSuchBucket | INVALID | its bucket does not exist | create it",
        "403 | AccessDenied | INVALID | permission denied | grant these credentials",
        "403 | InvalidAccessKeyId | INVALID | permission denied | s3.access-key-id",
        "403 | SignatureDoesNotMatch | INVALID | permission denied | s3.secret-access-key",
        "403 | RequestTimeTooSkewed | INVALID | this machine's clock | set it",
        "400 | ExpiredToken | INVALID | session has expired | new credentials",
        "301 | PermanentRedirect | INVALID | another region | client.region",
        "400 | AuthorizationHeaderMalformed | INVALID | another region | client.region",
        "400 | InvalidArgument | INVALID | refused the request | check",
        "501 | NotImplemented | INVALID | lacks what the request asks | stores.md",
        "500 | InternalError | UNAVAILABLE | the store failed | HTTP 500",
        "503 | SlowDown | UNAVAILABLE | the store failed | HTTP 503",
      })
  void answerIsNamedWithItsRemedy(
      int status, String code, ErrorKind kind, String reason, String remedy) throws IOException {
    try (CannedS3 server = new CannedS3(any -> Told.error(status, code));
        S3Store store = server.store();
        RangeReader reader = store.newInputFile("s3://b/f").openRanges()) {
      Throwable thrown = catchThrowable(() -> reader.readFully(0, ByteBuffer.allocate(5)));
      Throwable failure = kind == ErrorKind.UNAVAILABLE ? thrown.getCause() : thrown;

      assertThat(failure)
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("Cannot read file: ")
          .hasMessageContaining(reason)
          .hasMessageContaining(remedy)
          .hasMessageContaining("HTTP " + status + " " + code + " (as it says), request REQ42")
          .hasMessageContaining("[s3://b/f]");
      assertThat(((FirnException) failure).kind()).isEqualTo(kind);
      assertThat(thrown).isInstanceOf(failure == thrown ? FirnException.class : IOException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 403, 301})
  void headWithoutABodyIsStillNamed(int status) throws IOException {
    try (CannedS3 server = new CannedS3(any -> new Told(status, Map.of(), ""));
        S3Store store = server.store()) {
      assertThatThrownBy(() -> store.newInputFile("s3://b/f").getLength())
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("HTTP " + status)
          .extracting(e -> ((FirnException) e).kind())
          .isEqualTo(ErrorKind.INVALID);
    }
  }

  @Test
  void missingObjectIsNotFound() throws IOException {
    try (CannedS3 server = new CannedS3(any -> Told.error(404, "NoSuchKey"));
        S3Store store = server.store();
        SeekableInputStream in = store.newInputFile("s3://b/f").newStream()) {
      assertThatThrownBy(in::read)
          .isInstanceOf(NotFoundException.class)
          .hasMessageContaining("[s3://b/f]");
      assertThatCode(() -> store.deleteFile("s3://b/f")).doesNotThrowAnyException();
    }
  }

  @Test
  void rangeBehindTheEndIsTheEnd() throws IOException {
    try (CannedS3 server = new CannedS3(any -> Told.error(416, "InvalidRange"));
        S3Store store = server.store();
        RangeReader reader = store.newInputFile("s3://b/f").openRanges();
        SeekableInputStream in = store.newInputFile("s3://b/f").newStream()) {
      assertThatThrownBy(() -> reader.readFully(7, ByteBuffer.allocate(5)))
          .isInstanceOf(EOFException.class)
          .hasMessageContaining("[s3://b/f]");
      assertThat(reader.readTail(ByteBuffer.allocate(5))).isZero();
      assertThat(reader.length()).isZero();
      in.seek(9);
      assertThat(in.read()).isEqualTo(-1);
      assertThat(server.asked()).noneMatch(each -> each.method().equals("HEAD"));
    }
  }

  @Test
  void storeThatIsNotThereIsUnavailable() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    try (CannedS3 server = new CannedS3(any -> Told.ok(""));
        S3Store store = server.store("s3.endpoint", "http://127.0.0.1:" + port)) {
      assertThatThrownBy(() -> store.newInputFile("s3://b/f").exists())
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("did not answer")
          .extracting(e -> ((FirnException) e).kind())
          .isEqualTo(ErrorKind.UNAVAILABLE);
    }
  }

  @Test
  void wholeFileIsComparedWithAnMd5Etag() throws IOException {
    String right = "\"781e5e245d69b566979b86e28d23f2c7\"";
    assertThat(readWhole(right, Map.of())).isEqualTo("0123456789");
    assertThatThrownBy(() -> readWhole("\"00000000000000000000000000000000\"", Map.of()))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("do not match the store's ETag")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.CORRUPT);
  }

  @Test
  void etagThatIsNoMd5IsNotCompared() throws IOException {
    String wrong = "\"00000000000000000000000000000000\"";
    assertThat(readWhole("\"00000000000000000000000000000000-2\"", Map.of())).hasSize(10);
    assertThat(readWhole(wrong, Map.of("x-amz-server-side-encryption", "aws:kms"))).hasSize(10);
    assertThat(
            readWhole(wrong, Map.of("x-amz-server-side-encryption-customer-algorithm", "AES256")))
        .hasSize(10);
    assertThat(readWhole(wrong, Map.of(), "s3.checksum-enabled", "false")).hasSize(10);
  }

  private static String readWhole(String etag, Map<String, String> headers, String... settings)
      throws IOException {
    try (CannedS3 server =
            new CannedS3(any -> new Told(200, headers, "0123456789").with("ETag", etag));
        S3Store store = server.store(with(settings));
        SeekableInputStream in = store.newInputFile("s3://b/f").newStream()) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private static String[] with(String... settings) {
    String[] all = Arrays.copyOf(settings, settings.length + 2);
    all[settings.length] = "s3.retry.num-retries";
    all[settings.length + 1] = "2";
    return all;
  }

  @Test
  void throttlingAndServerErrorsAreRetriedAndCounted() throws IOException {
    int[] tries = {0};
    try (CannedS3 server =
            new CannedS3(
                any ->
                    switch (tries[0]++) {
                      case 0 -> Told.error(503, "SlowDown");
                      case 1 -> Told.error(500, "InternalError");
                      case 2 -> Told.error(400, "RequestTimeout");
                      case 3 -> Told.error(400, "BadDigest");
                      default -> Told.ok("01234");
                    });
        S3Store store = server.store("s3.retry.num-retries", "8");
        SeekableInputStream in = store.newInputFile("s3://b/f").newStream()) {
      assertThat(in.readAllBytes()).hasSize(5);
      assertThat(store.counts().retries()).isEqualTo(4);
      assertThat(store.counts().throttled()).isEqualTo(1);
      assertThat(store.counts().reads()).isEqualTo(1);
      assertThat(store.counts().bytesRead()).isEqualTo(5);
    }
  }

  @Test
  void customerKeyGoesWithEveryRead() throws IOException {
    try (CannedS3 server =
            new CannedS3(
                each ->
                    each.method().equals("HEAD")
                        ? Told.ok("01234")
                        : new Told(206, Map.of("Content-Range", "bytes 0-4/5"), "01234"));
        S3Store store =
            server.store(
                "s3.sse.type", "custom", "s3.sse.key", "c2VjcmV0", "s3.sse.md5", "bWQ1bWQ1");
        RangeReader reader = store.newInputFile("s3://b/f").openRanges()) {
      reader.readFully(0, ByteBuffer.allocate(5));
      store.newInputFile("s3://b/f").exists();

      assertThat(server.asked())
          .hasSize(2)
          .allSatisfy(
              each -> {
                assertThat(each.header("x-amz-server-side-encryption-customer-algorithm"))
                    .isEqualTo("AES256");
                assertThat(each.header("x-amz-server-side-encryption-customer-key"))
                    .isEqualTo("c2VjcmV0");
                assertThat(each.header("x-amz-server-side-encryption-customer-key-md5"))
                    .isEqualTo("bWQ1bWQ1");
              });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"AccessDenied", "SignatureDoesNotMatch", "InternalError"})
  void secretsAreInNoError(String code) throws IOException {
    try (CannedS3 server = new CannedS3(any -> Told.error(403, code));
        S3Store store =
            server.store(
                "s3.session-token",
                "thesessiontoken",
                "s3.sse.type",
                "custom",
                "s3.sse.key",
                "dGhlc3Nla2V5",
                "s3.sse.md5",
                "bWQ1bWQ1")) {
      for (Throwable thrown :
          new Throwable[] {
            catchThrowable(() -> store.newInputFile("s3://b/f").getLength()),
            catchThrowable(() -> store.newInputFile("s3://b/f").newStream().read()),
            catchThrowable(() -> store.listPrefix("s3://b/f").iterator().hasNext()),
            catchThrowable(() -> store.deleteFile("s3://b/f")),
            catchThrowable(() -> store.newOutputFile("s3://b/f").create().close())
          }) {
        StringWriter all = new StringWriter();
        thrown.printStackTrace(new PrintWriter(all));
        assertThat(all + " " + store + " " + store.newInputFile("s3://b/f"))
            .contains("HTTP 403")
            .doesNotContain("verysecretkey", "thesessiontoken", "dGhlc3Nla2V5");
      }
    }
  }
}
