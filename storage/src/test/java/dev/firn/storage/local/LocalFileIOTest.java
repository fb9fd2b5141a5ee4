package dev.firn.storage.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.Locations;
import dev.firn.storage.Store;
import dev.firn.storage.StoreContract;
import dev.firn.storage.scheme.SchemeFileIO;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.PositionOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFileIOTest extends StoreContract {
  @TempDir Path directory;

  private final SchemeFileIO files = new SchemeFileIO();

  @Override
  protected Store files() {
    return files;
  }

  @Override
  protected String root() {
    return Locations.of(directory);
  }

  @Test
  void unfinishedFilesAreHiddenSiblings() throws IOException {
    PositionOutputStream out = files.newOutputFile(root() + "/f").create();
    out.write(new byte[200_000]);
    out.flush();

    assertThat(directory.resolve("f")).doesNotExist();
    assertThat(leftovers()).hasSize(1);

    out.close();
    assertThat(directory.resolve("f")).hasSize(200_000);
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void fullDiskPublishesNothingAndSaysSo() throws IOException {
    Path temporary = fullDisk();
    LocalOutputStream out = LocalOutputStream.through(temporary, directory.resolve("f"));

    assertThatThrownBy(() -> out.write(new byte[100_000]))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("the disk holding")
        .hasMessageContaining("is full")
        .hasMessageContaining("nothing was committed")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.UNAVAILABLE);
    // Not only once closed: Iceberg's Parquet writer does not close after a failure.
    assertThat(Files.exists(temporary, LinkOption.NOFOLLOW_LINKS)).isFalse();
    assertThatThrownBy(out::close).isInstanceOf(FirnException.class);
    assertThat(directory.resolve("f")).doesNotExist();
  }

  @Test
  void failureOnCloseIsNotHiddenByTryWithResources() throws IOException {
    Path full = fullDisk();

    assertThatThrownBy(
            () -> {
              try (LocalOutputStream out =
                  LocalOutputStream.through(full, directory.resolve("f"))) {
                out.write(new byte[100_000]);
              }
            })
        .isInstanceOf(FirnException.class)
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    assertThat(directory.resolve("f")).doesNotExist();
  }

  @Test
  void diskThatFillsWithTheLastBytesPublishesNothing() throws IOException {
    LocalOutputStream out = LocalOutputStream.through(fullDisk(), directory.resolve("f"));
    out.write(new byte[10]);

    assertThatThrownBy(out::close).isInstanceOf(FirnException.class).hasMessageContaining("full");
    assertThat(directory.resolve("f")).doesNotExist();
  }

  /** A link, for the stream removes its temporary file. */
  private Path fullDisk() throws IOException {
    Path device = Path.of("/dev/full");
    assumeTrue(Files.exists(device), "needs /dev/full, as Linux has it");
    return Files.createSymbolicLink(directory.resolve("full.firn-tmp"), device);
  }

  @Test
  void everySpellingNamesTheSameFileAndListsAsItIsSpelled() throws IOException {
    write(root() + "/t/f", "x".getBytes(UTF_8));

    assertThat(read(directory + "/t/f")).hasSize(1);
    assertThat(read("file:" + directory + "/t/f")).hasSize(1);
    assertThat(list("file:" + directory + "/t/")).containsExactly("file:" + directory + "/t/f");
    assertThat(list(directory + "/t")).containsExactly(directory + "/t/f");
  }

  @Test
  void namesWithHashQuestionMarkAndUnicodeWork() throws IOException {
    assumeTrue(
        System.getProperty("sun.jnu.encoding", "").startsWith("UTF"),
        "needs a UTF-8 locale: LC_ALL=C.UTF-8");
    for (String name : List.of("a#b", "a?b", "größe 日本 🧊")) {
      String location = root() + "/" + name + "/f";
      write(location, name.getBytes(UTF_8));
      assertThat(read(location)).asString(UTF_8).isEqualTo(name);
      assertThat(list(root() + "/" + name)).containsExactly(location);
    }
  }

  @Test
  void fileInPlaceOfADirectoryIsNamed() throws IOException {
    write(root() + "/f", new byte[1]);

    assertThatThrownBy(() -> write(root() + "/f/g", new byte[1])).hasMessageContaining("/f");
  }

  @Test
  void deletingADirectoryAsAFileFails() throws IOException {
    write(root() + "/d/f", new byte[1]);

    assertThatThrownBy(() -> files.deleteFiles(List.of(root() + "/d")))
        .isInstanceOf(BulkDeletionFailureException.class);
    assertThat(directory.resolve("d/f")).exists();
  }

  private List<Path> leftovers() throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(path -> path.toString().endsWith(".firn-tmp")).toList();
    }
  }
}
