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
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
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
  void emptyFileIsAFile() throws IOException {
    write(root() + "/f", new byte[0]);

    assertThat(read(root() + "/f")).isEmpty();
    assertThat(files.newInputFile(root() + "/f").getLength()).isZero();
  }

  @Test
  void lengthOfAMissingFileIsNotFound() {
    assertThatThrownBy(() -> files.newInputFile(root() + "/f").getLength())
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining(root() + "/f");
  }

  @Test
  void createRefusesAnExistingFile() throws IOException {
    write(root() + "/f", new byte[1]);

    assertThatThrownBy(() -> files.newOutputFile(root() + "/f").create())
        .isInstanceOf(AlreadyExistsException.class)
        .hasMessageContaining(root() + "/f");
  }

  @Test
  void onlyOneOfSixteenRacingCreatesWins() throws Exception {
    int writers = 16;
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    try {
      for (int round = 0; round < 20; round++) {
        String location = root() + "/race/" + round + "/f";
        assertThat(race(threads, writers, location)).as("winners of %s", location).hasSize(1);
        assertThat(leftovers()).isEmpty();
      }
    } finally {
      threads.shutdown();
    }
  }

  private List<String> race(ExecutorService threads, int writers, String location)
      throws Exception {
    CyclicBarrier start = new CyclicBarrier(writers);
    List<Callable<String>> work = new ArrayList<>();
    for (int w = 0; w < writers; w++) {
      String text = "writer " + w;
      work.add(
          () -> {
            start.await();
            try {
              write(location, text.getBytes(UTF_8));
              return text;
            } catch (AlreadyExistsException e) {
              return "";
            }
          });
    }
    List<String> winners = new ArrayList<>();
    for (Future<String> future : threads.invokeAll(work)) {
      if (!future.get().isEmpty()) {
        winners.add(future.get());
      }
    }
    assertThat(winners).contains(new String(read(location), UTF_8));
    return winners;
  }

  @Test
  void fileIsNotThereBeforeItsStreamIsClosed() throws IOException {
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
  void overwriteShowsOldOrNewNeverBoth() throws IOException {
    write(root() + "/f", new byte[10]);
    PositionOutputStream out = files.newOutputFile(root() + "/f").createOrOverwrite();
    out.write(new byte[70_000]);

    assertThat(directory.resolve("f")).hasSize(10);
    out.close();
    assertThat(directory.resolve("f")).hasSize(70_000);
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
  void lostRaceLeavesTheWinnersFile() throws IOException {
    PositionOutputStream slow = files.newOutputFile(root() + "/f").create();
    slow.write("slow".getBytes(UTF_8));
    write(root() + "/f", "fast".getBytes(UTF_8));

    assertThatThrownBy(slow::close).isInstanceOf(AlreadyExistsException.class);
    assertThat(directory.resolve("f")).hasContent("fast");
    assertThat(leftovers()).isEmpty();
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

  @Test
  void survivesSerialisation() throws Exception {
    files.initialize(Map.of("a", "b"));
    write(root() + "/f", new byte[5]);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(files);
    }

    SchemeFileIO copy;
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      copy = (SchemeFileIO) in.readObject();
    }

    assertThat(copy.properties()).containsEntry("a", "b");
    assertThat(copy.newInputFile(root() + "/f").getLength()).isEqualTo(5);
  }

  private List<Path> leftovers() throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(path -> path.toString().endsWith(".firn-tmp")).toList();
    }
  }
}
