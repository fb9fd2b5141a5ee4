package dev.firn.storage.hadoop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Renames that fail, and that only seem to. */
class HadoopPublicationTest {
  @TempDir java.nio.file.Path directory;

  private final FailingRenames fileSystem = new FailingRenames();
  private java.nio.file.Path temporary;
  private java.nio.file.Path target;

  @BeforeEach
  void write() throws IOException {
    fileSystem.initialize(URI.create("file:///"), new Configuration(false));
    temporary = Files.writeString(directory.resolve(".t.firn-tmp"), "new");
    target = directory.resolve("f");
  }

  @Test
  void renameWhoseAnswerIsLostIsFound() throws IOException {
    fileSystem.after = true;

    publish();

    assertThat(target).hasContent("new");
    assertThat(temporary).doesNotExist();
  }

  @Test
  void renameThatFailsAsTheNameIsTakenIsAConflict() throws IOException {
    fileSystem.before = () -> Files.writeString(target, "other");

    assertThatThrownBy(this::publish).isInstanceOf(FileAlreadyExistsException.class);
    assertThat(target).hasContent("other");
  }

  @Test
  void sameLengthDoesNotMakeAnotherFileOurs() throws IOException {
    fileSystem.before = () -> Files.writeString(target, "old");

    assertThatThrownBy(this::publish).isInstanceOf(FileAlreadyExistsException.class);
    assertThat(temporary).hasContent("new");
  }

  @Test
  void renameThatDidNothingFails() {
    fileSystem.before = () -> target;

    assertThatThrownBy(this::publish).isInstanceOf(IOException.class).hasMessage("lost");
    assertThat(target).doesNotExist();
  }

  private void publish() throws IOException {
    new HadoopPublication(fileSystem, new Object())
        .create(new Path(temporary.toString()), new Path(target.toString()), 3);
  }

  /** Fails renames before or after their effect. */
  private static final class FailingRenames extends RawLocalFileSystem {
    private Step before = () -> "";
    private boolean after;

    @Override
    public boolean rename(Path from, Path to) throws IOException {
      before.run();
      if (after) {
        super.rename(from, to);
      }
      throw new IOException("lost");
    }
  }

  @FunctionalInterface
  private interface Step {
    Object run() throws IOException;
  }
}
