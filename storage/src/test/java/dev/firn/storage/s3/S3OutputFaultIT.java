package dev.firn.storage.s3;

import static dev.firn.storage.s3.Writing.PART;
import static dev.firn.storage.s3.Writing.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.StoreOutputStream;
import dev.firn.testing.S3Server;
import dev.firn.testing.TestServers;
import dev.firn.testing.s3.S3Fault;
import dev.firn.testing.s3.S3RequestKind;
import dev.firn.testing.s3.S3Rule;
import java.io.IOException;
import java.util.Map;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written, and what is left of what is not, while requests fail. */
@ExtendWith(TestServers.class)
class S3OutputFaultIT {
  private static final long BUDGET = 32 << 20;
  private static final int LARGE = PART + 1;

  private S3Server server;
  private Writing writing;

  @BeforeEach
  void open(S3Server shared) {
    server = shared;
    writing = new Writing(shared, Map.of());
  }

  @AfterEach
  void close() {
    writing.assertNothingIsOpen(BUDGET);
    writing.close();
  }

  @ParameterizedTest
  @CsvSource({"10, PUT, 1", "10, PUT, 3", "LARGE, COMPLETE, 1", "LARGE, COMPLETE, 3"})
  void ownWriteWinsThoughItsAnswerWasLost(String size, S3RequestKind kind, int times)
      throws IOException {
    byte[] bytes = bytes(size.equals("LARGE") ? LARGE : 10);
    fail(kind, S3Fault.ANSWER_LOST, times);
    writing.create("file", bytes);
    assertThat(writing.read("file")).isEqualTo(bytes);
    fail(kind, S3Fault.ANSWER_LOST, times);
    writing.write("file", bytes);
    assertThat(writing.read("file")).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({
    "10, PUT, ANSWER_LOST, 1",
    "10, PUT, RESET_BEFORE, 1",
    "10, PUT, INTERNAL_ERROR, 3",
    "LARGE, COMPLETE, ANSWER_LOST, 1",
    "LARGE, COMPLETE, RESET_BEFORE, 3"
  })
  void anothersFileIsAConflictThoughAnswersWereLost(
      String size, S3RequestKind kind, S3Fault fault, int times) throws IOException {
    byte[] bytes = bytes(size.equals("LARGE") ? LARGE : 10);
    writing.write("file", bytes(5));
    fail(kind, fault, times);
    assertThatThrownBy(() -> writing.create("file", bytes))
        .isInstanceOf(AlreadyExistsException.class);
    assertThat(writing.read("file")).isEqualTo(bytes(5));
  }

  @ParameterizedTest
  @EnumSource(
      value = S3Fault.class,
      names = {
        "SLOW_DOWN",
        "INTERNAL_ERROR",
        "RESET_BEFORE",
        "ANSWER_LOST",
        "RESET_BODY",
        "TRUNCATED_BODY",
        "FLIPPED_REQUEST"
      })
  void writesInSpiteOfFaultsThatPass(S3Fault fault) throws IOException {
    server.faults().add(S3Rule.on(writing.bucket, any -> true, fault).times(2));
    server.faults().add(S3Rule.on(writing.bucket, S3RequestKind.UPLOAD_PART, fault).skip(1));
    server.faults().add(S3Rule.on(writing.bucket, S3RequestKind.COMPLETE, fault));
    writing.create("large", bytes(LARGE));
    server.faults().add(S3Rule.on(writing.bucket, S3RequestKind.PUT, fault).times(2));
    writing.create("small", bytes(10));
    server.faults().clear(writing.bucket);
    assertThat(writing.read("large")).isEqualTo(bytes(LARGE));
    assertThat(writing.read("small")).isEqualTo(bytes(10));
  }

  @ParameterizedTest
  @EnumSource(
      value = S3RequestKind.class,
      names = {"CREATE_MULTIPART", "UPLOAD_PART", "COMPLETE"})
  void leavesNoUploadWhereAStepFailsForGood(S3RequestKind step) throws IOException {
    server.faults().add(S3Rule.on(writing.bucket, step, S3Fault.INTERNAL_ERROR).always());
    assertUnavailable(() -> writing.create("file", bytes(LARGE)));
    assertThat(writing.exists("file")).isFalse();
  }

  @Test
  void leavesNoUploadWhereTheAnswerToItsBeginIsLost() throws IOException {
    fail(S3RequestKind.CREATE_MULTIPART, S3Fault.ANSWER_LOST, 2);
    writing.create("file", bytes(LARGE));
    assertThat(server.uploads(writing.bucket)).isEmpty();

    fail(S3RequestKind.CREATE_MULTIPART, S3Fault.ANSWER_LOST, 3);
    assertUnavailable(() -> writing.create("file2", bytes(LARGE)));
    assertThat(writing.exists("file2")).isFalse();
  }

  @Test
  void leavesAnothersUploadWhereItsOwnWasBegunTwice() throws IOException {
    StoreOutputStream other = writing.file("file").createOrOverwrite();
    other.write(bytes(PART + 1));
    awaitPart();
    fail(S3RequestKind.CREATE_MULTIPART, S3Fault.ANSWER_LOST, 1);
    writing.create("file", bytes(LARGE));
    assertThat(server.uploads(writing.bucket)).containsExactly("file");
    other.close();
    assertThat(writing.read("file")).isEqualTo(bytes(PART + 1));
  }

  @Test
  void abortsAgainWhereTheAbortFails() throws IOException {
    fail(S3RequestKind.ABORT, S3Fault.INTERNAL_ERROR, 4);
    StoreOutputStream out = writing.file("file").create();
    out.write(bytes(LARGE));
    out.abort();
    fail(S3RequestKind.ABORT, S3Fault.ANSWER_LOST, 1);
    StoreOutputStream second = writing.file("file").create();
    second.write(bytes(LARGE));
    second.abort();
    assertThat(writing.exists("file")).isFalse();
  }

  @Test
  void failsAtOnceAndForGoodWhereAPartFails() throws IOException {
    server
        .faults()
        .add(S3Rule.on(writing.bucket, S3RequestKind.UPLOAD_PART, S3Fault.RESET_BEFORE).always());
    StoreOutputStream out = writing.file("file").create();
    assertUnavailable(
        () -> {
          for (int part = 0; part < 20; part++) {
            out.write(bytes(PART));
          }
        });
    assertThat(server.uploads(writing.bucket)).as("before it is closed").isEmpty();
    assertThatThrownBy(() -> out.write(1)).hasMessageContaining("an earlier write to it failed");
    assertThatThrownBy(out::close)
        .hasMessageContaining("an earlier write to it failed")
        .hasMessageContaining(writing.bucket + "/file");
    out.close();
    out.abort();
  }

  @ParameterizedTest
  @ValueSource(ints = {10, LARGE})
  void saysThatItDoesNotKnowWhereNothingAnswers(int size) throws IOException {
    S3RequestKind publication = size == LARGE ? S3RequestKind.COMPLETE : S3RequestKind.PUT;
    server
        .faults()
        .add(S3Rule.on(writing.bucket, publication, S3Fault.ANSWER_LOST).always())
        .add(S3Rule.on(writing.bucket, S3RequestKind.HEAD, S3Fault.RESET_BEFORE).always())
        .add(S3Rule.on(writing.bucket, S3RequestKind.ABORT, S3Fault.RESET_BEFORE).always());
    assertThatThrownBy(() -> writing.create("file", bytes(size)))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("it is not known whether it was written")
        .hasMessageContaining(writing.bucket + "/file")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.UNAVAILABLE);
    server.faults().clear(writing.bucket);
    assertThat(writing.read("file")).as("it was").isEqualTo(bytes(size));
  }

  @Test
  void tellsAConflictFromTheFirstAnswerWhereItCannotReadBack() throws IOException {
    writing.write("file", bytes(5));
    server
        .faults()
        .add(S3Rule.on(writing.bucket, S3RequestKind.HEAD, S3Fault.RESET_BEFORE).always());
    assertThatThrownBy(() -> writing.create("file", bytes(10)))
        .isInstanceOf(AlreadyExistsException.class);
  }

  private void awaitPart() {
    long deadline = System.nanoTime() + 120_000_000_000L;
    while (writing.requests(S3RequestKind.UPLOAD_PART) == 0) {
      assertThat(System.nanoTime()).as("a part within two minutes").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private void fail(S3RequestKind kind, S3Fault fault, int times) {
    server.faults().add(S3Rule.on(writing.bucket, kind, fault).times(times));
  }

  private static void assertUnavailable(ThrowingCallable write) {
    assertThatThrownBy(write)
        .isInstanceOf(FirnException.class)
        .hasMessageStartingWith("Cannot write file: ")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.UNAVAILABLE);
  }
}
