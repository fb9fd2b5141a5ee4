package dev.firn.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.iceberg.inmemory.InMemoryFileIO;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.Test;

class FaultyFileIOTest {
  private final InMemoryFileIO store = new InMemoryFileIO();
  private final FaultyFileIO files = new FaultyFileIO(store);

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
