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
import dev.firn.testing.s3.S3Exchange;
import dev.firn.testing.s3.S3RequestKind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written, and what is left of what is not, while the store works. */
@ExtendWith(TestServers.class)
class S3OutputIT {
  private static final long BUDGET = 32 << 20;

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
  @ValueSource(ints = {0, 1, 100_000, PART - 1, PART})
  void writesAFileOfOnePartInOneRequest(int size) throws IOException {
    writing.write("file", bytes(size));
    assertThat(writing.read("file")).isEqualTo(bytes(size));
    assertThat(writing.requests(S3RequestKind.PUT)).isOne();
    assertThat(writing.requests(S3RequestKind.CREATE_MULTIPART)).isZero();
    assertThat(writing.requests(S3RequestKind.HEAD)).isZero();
    assertThat(sent(S3RequestKind.PUT)).allMatch(S3OutputIT::hasChecksum);
  }

  @ParameterizedTest
  @ValueSource(ints = {PART + 1, 2 * PART, 3 * PART + 7})
  void writesALargerFileInPartsInOrder(int size) throws IOException {
    byte[] bytes = bytes(size);
    try (StoreOutputStream out = writing.file("file").create()) {
      out.write(bytes[0]);
      for (int at = 1; at < size; ) {
        int count = Math.min(size - at, 999_999);
        out.write(bytes, at, count);
        at += count;
        assertThat(out.getPos()).isEqualTo(at);
      }
    }
    assertThat(writing.read("file")).isEqualTo(bytes);
    assertThat(writing.requests(S3RequestKind.PUT)).isZero();
    assertThat(writing.requests(S3RequestKind.UPLOAD_PART)).isEqualTo((size + PART - 1) / PART);
    assertThat(writing.requests(S3RequestKind.COMPLETE)).isOne();
    assertThat(writing.requests(S3RequestKind.HEAD)).isZero();
    assertThat(sent(S3RequestKind.UPLOAD_PART)).allMatch(S3OutputIT::hasChecksum);
  }

  @Test
  void countsBytesAndRequests() throws IOException {
    writing.write("small", bytes(10));
    writing.write("large", bytes(PART + 1));
    var counts = writing.connect("x").meter().counts();
    assertThat(counts.writes()).isOne();
    assertThat(counts.parts()).isEqualTo(2);
    assertThat(counts.uploads()).isEqualTo(2);
    assertThat(counts.bytesWritten()).isEqualTo(10 + PART + 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, PART + 1})
  void createsOnlyWhatIsNotThere(int size) throws IOException {
    writing.create("file", bytes(size));
    StoreOutputStream second = writing.file("file").create();
    second.write(bytes(size + 1));
    assertThatThrownBy(second::close)
        .isInstanceOf(AlreadyExistsException.class)
        .hasMessageContaining("Cannot create file: it exists [" + writing.bucket + "/file]");
    second.close();
    assertThat(writing.read("file")).isEqualTo(bytes(size));
    writing.write("file", bytes(7));
    assertThat(writing.read("file")).isEqualTo(bytes(7));
  }

  @Test
  void putsBytesUnlessTheyAreThere() {
    ByteBuffer bytes = ByteBuffer.wrap(bytes(2 * PART)).slice(5, 2 * PART - 10);
    assertThat(writing.file("file").putIfAbsent(bytes)).isTrue();
    assertThat(bytes.hasRemaining()).isFalse();
    ByteBuffer other = ByteBuffer.allocateDirect(3);
    assertThat(writing.file("file").putIfAbsent(other)).isFalse();
    assertThat(writing.read("file")).hasSize(2 * PART - 10);
    assertThat(writing.requests(S3RequestKind.PUT)).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, PART, PART + 1, 3 * PART + 1})
  void leavesNothingOfWhatIsAborted(int size) throws IOException {
    StoreOutputStream out = writing.file("file").create();
    out.write(bytes(size));
    out.abort();
    out.abort();
    out.close();
    assertThatThrownBy(() -> out.write(1)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> out.write(new byte[1])).isInstanceOf(IOException.class);
    assertThat(writing.exists("file")).isFalse();
  }

  @Test
  void doesNotAbortWhatIsClosed() throws IOException {
    StoreOutputStream out = writing.file("file").create();
    out.write(bytes(10));
    out.close();
    out.abort();
    assertThat(writing.read("file")).isEqualTo(bytes(10));
  }

  @ParameterizedTest
  @ValueSource(ints = {10, PART, 2 * PART + 1})
  void givesUpWhereItsThreadIsInterrupted(int size) throws IOException {
    StoreOutputStream out = writing.file("file").create();
    out.write(bytes(size));
    Thread.currentThread().interrupt();
    assertThatThrownBy(
            () -> {
              out.write(bytes(10));
              out.close();
            })
        .isInstanceOf(InterruptedIOException.class)
        .hasMessageContaining("nothing was written");
    assertThat(Thread.interrupted()).isTrue();
    if (size == PART) {
      assertThatThrownBy(out::close)
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("an earlier write to it failed");
    }
    out.close();
    assertThat(writing.exists("file")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, PART + 1})
  void letsOneOfManyWritersWin(int size) throws Exception {
    int writers = size == 1000 ? 16 : 4;
    CyclicBarrier start = new CyclicBarrier(writers);
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (int writer = 0; writer < writers; writer++) {
      byte[] mine = bytes(size + writer);
      tasks.add(
          () -> {
            StoreOutputStream out = writing.file("file").create();
            out.write(mine);
            start.await(2, TimeUnit.MINUTES);
            try {
              out.close();
              return true;
            } catch (AlreadyExistsException e) {
              return false;
            }
          });
    }
    List<Boolean> won = run(tasks);
    assertThat(won).containsOnlyOnce(true);
    assertThat(writing.read("file")).isEqualTo(bytes(size + won.indexOf(true)));
  }

  @Test
  void letsManyOpenWritersGoOnUnderASmallBudget() throws Exception {
    int writers = 200;
    int part = 10_000;
    PartBudget budget = new PartBudget(2L * part);
    List<S3OutputStream> open = new ArrayList<>();
    for (int writer = 0; writer < writers; writer++) {
      S3OutputStream out = writing.stream("file" + writer, part, budget);
      out.write(bytes(part));
      open.add(out);
    }
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (S3OutputStream out : open) {
      tasks.add(
          () -> {
            out.write(bytes(part));
            out.abort();
            return true;
          });
    }
    assertThat(run(tasks)).hasSize(writers).containsOnly(true);
    assertThat(budget.freeBytes()).isEqualTo(new PartBudget(2L * part).freeBytes());
    assertThat(writing.requests(S3RequestKind.UPLOAD_PART)).isPositive();
  }

  @Test
  void looksBeforeItWritesWhereTheStoreHasNoConditions() throws IOException {
    try (Writing plain = new Writing(server, Map.of("s3.conditional-writes-enabled", "false"))) {
      plain.create("file", bytes(10));
      assertThatThrownBy(() -> plain.create("file", bytes(11)))
          .isInstanceOf(AlreadyExistsException.class);
      assertThat(plain.read("file")).isEqualTo(bytes(10));
      assertThat(server.requests().of(plain.bucket))
          .noneMatch(each -> each.request().header("if-none-match").isPresent());
      assertThat(plain.requests(S3RequestKind.PUT)).isOne();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10, PART + 1})
  void namesTheSettingWhereTheStoreLacksAFeature(int size) {
    try (Writing refused = new Writing(server, Map.of("s3.acl", "public-read-write"))) {
      assertThatThrownBy(() -> refused.write("file", bytes(size)))
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("does not know a feature")
          .hasMessageContaining("access control lists (remove s3.acl)")
          .extracting(e -> ((FirnException) e).kind())
          .isEqualTo(ErrorKind.INVALID);
      refused.assertNothingIsOpen(BUDGET);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void writesWithAndWithoutChecksums(String enabled) throws IOException {
    try (Writing other = new Writing(server, Map.of("s3.checksum-enabled", enabled))) {
      other.write("small", bytes(10));
      other.write("large", bytes(PART + 1));
      assertThat(other.read("small")).isEqualTo(bytes(10));
      assertThat(other.read("large")).isEqualTo(bytes(PART + 1));
      assertThat(server.requests().of(other.bucket).stream().filter(S3OutputIT::hasChecksum))
          .hasSize(enabled.equals("true") ? 3 : 0);
    }
  }

  private List<S3Exchange> sent(S3RequestKind kind) {
    return server.requests().of(writing.bucket).stream()
        .filter(each -> each.kind() == kind)
        .toList();
  }

  private static boolean hasChecksum(S3Exchange exchange) {
    return exchange.request().header("x-amz-checksum-crc32c").isPresent();
  }

  private static <T> List<T> run(List<Callable<T>> tasks) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> each : threads.invokeAll(tasks, 5, TimeUnit.MINUTES)) {
        results.add(each.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }
}
