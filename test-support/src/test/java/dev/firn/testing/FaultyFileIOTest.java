package dev.firn.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.inmemory.InMemoryFileIO;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.Test;

class FaultyFileIOTest {
  private final InMemoryFileIO store = new InMemoryFileIO();
  private final FaultyFileIO files = new FaultyFileIO(store);

  @Test
  void cutsAndDamagesReads() throws IOException {
    write(name("a"));

    files.add(Fault.truncated(1));
    assertThat(read(name("a"))).isEqualTo("te");
    files.add(Fault.flipped(1));
    assertThat(read(name("a"))).isEqualTo("teyt");
    assertThat(read(name("a"))).isEqualTo("text");
    assertThat(files.failed()).isEqualTo(2);
  }

  @Test
  void refusesToCutWhatIsNoRead() {
    assertThatThrownBy(
            () ->
                new Fault(
                    FileOperation.WRITE,
                    any -> true,
                    1,
                    Fault.Moment.BEFORE,
                    IOException::new,
                    Fault.Damage.TRUNCATED))
        .hasMessageContaining("expected a READ");
  }

  @Test
  void delaysAnOperation() throws IOException {
    files.add(Fault.late(FileOperation.CREATE, 1));

    long begin = System.nanoTime();
    write(name("a"));

    assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(Fault.LATENCY.toNanos());
  }

  @Test
  void failsByChanceTheSameWayUnderTheSameSeed() {
    Set<Fault.Damage> kinds =
        EnumSet.of(Fault.Damage.ERROR, Fault.Damage.TRUNCATED, Fault.Damage.FLIPPED);
    List<List<String>> runs = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      files.reset();
      files.random(5, 0.1, kinds);
      List<String> outcomes = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        outcomes.add(outcome(name("a")));
      }
      assertThat(files.failed()).isBetween(10L, 50L);
      runs.add(outcomes);
    }
    files.reset();

    assertThat(runs.get(0)).isEqualTo(runs.get(1)).contains("text", "te", "teyt");
    assertThat(outcome(name("a"))).isEqualTo("text");
  }

  private String outcome(String location) {
    try {
      store.deleteFile(location);
    } catch (RuntimeException e) {
      // was not written
    }
    try {
      write(location);
      return read(location);
    } catch (IOException | RuntimeException e) {
      return e.getClass().getSimpleName();
    }
  }

  private String read(String location) throws IOException {
    try (SeekableInputStream in = files.newInputFile(location).newStream()) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  @Test
  void countsEveryOperation() throws IOException {
    write(name("a"));
    try (SeekableInputStream in = files.newInputFile(name("a")).newStream()) {
      assertThat(in.readAllBytes()).asString(UTF_8).isEqualTo("text");
    }
    files.deleteFile(name("a"));

    assertThat(files.count(FileOperation.CREATE)).isEqualTo(1);
    assertThat(files.count(FileOperation.WRITE)).isEqualTo(1);
    assertThat(files.count(FileOperation.CLOSE)).isEqualTo(1);
    assertThat(files.count(FileOperation.OPEN)).isEqualTo(1);
    assertThat(files.count(FileOperation.READ)).isPositive();
    assertThat(files.count(FileOperation.DELETE)).isEqualTo(1);
    assertThat(files.failed()).isZero();
  }

  @Test
  void failsTheNthMatchingOperationOnce() throws IOException {
    files.add(Fault.before(FileOperation.CREATE, 2).at(location -> location.startsWith(name("m"))));

    write(name("m1"));
    write(name("other"));
    assertThatThrownBy(() -> write(name("m2"))).isInstanceOf(UncheckedIOException.class);
    write(name("m2"));

    assertThat(files.failed()).isEqualTo(1);
  }

  @Test
  void failureBeforeACloseLeavesNoFileAndAfterItLeavesOne() {
    files.add(Fault.before(FileOperation.CLOSE, 1));
    assertThatThrownBy(() -> write(name("a"))).isInstanceOf(IOException.class);
    assertThat(store.fileExists(name("a"))).isFalse();

    files.add(Fault.after(FileOperation.CLOSE, 1));
    assertThatThrownBy(() -> write(name("b"))).isInstanceOf(IOException.class);
    assertThat(store.fileExists(name("b"))).isTrue();
  }

  @Test
  void fullDiskFailsTheWriteAndTheClose() {
    files.add(Fault.diskFull(1));

    assertThatThrownBy(() -> write(name("a")))
        .isInstanceOf(IOException.class)
        .hasMessage("No space left on device")
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    assertThat(store.fileExists(name("a"))).isFalse();
  }

  @Test
  void bulkDeleteReportsHowManyFailed() throws IOException {
    write(name("a"));
    write(name("b"));
    files.add(Fault.before(FileOperation.DELETE, 2));

    assertThatThrownBy(() -> files.deleteFiles(List.of(name("a"), name("b"))))
        .isInstanceOf(BulkDeletionFailureException.class);
    assertThat(store.fileExists(name("a"))).isFalse();
    assertThat(store.fileExists(name("b"))).isTrue();
  }

  /** The store is one for the whole JVM. */
  private String name(String name) {
    return "mem:" + System.identityHashCode(this) + "/" + name;
  }

  private void write(String location) throws IOException {
    try (PositionOutputStream out = files.newOutputFile(location).create()) {
      out.write("text".getBytes(UTF_8));
    }
  }
}
