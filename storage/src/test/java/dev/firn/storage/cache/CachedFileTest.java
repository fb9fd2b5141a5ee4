package dev.firn.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.storage.Locations;
import dev.firn.storage.scheme.SchemeFileIO;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.InputFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachedFileTest {
  private static final Instant LONG_AGO = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path directory;

  private final SchemeFileIO files = new SchemeFileIO();

  private record First(int value) implements Weighed {
    @Override
    public long weight() {
      return 16;
    }
  }

  @AfterEach
  void close() {
    files.close();
  }

  @Test
  void keepsWhatWasParsedOfALocalFile() throws IOException {
    Path path = write("a", LONG_AGO);
    assertThat(first(path)).isEqualTo('a');
    assertThat(first(path)).isEqualTo('a');
    assertThat(files.cacheCounts().hits()).isEqualTo(1);
  }

  @Test
  void seesThatALocalFileChanged() throws IOException {
    Path path = write("a", LONG_AGO);
    assertThat(first(path)).isEqualTo('a');
    write("b", LONG_AGO.plusMillis(1));
    assertThat(first(path)).isEqualTo('b');
  }

  @Test
  void keepsNothingOfALocalFileThatChangedJustNow() throws IOException {
    Path path = write("a", Instant.now());
    assertThat(first(path)).isEqualTo('a');
    assertThat(files.cacheCounts().entries()).isZero();
  }

  @Test
  void readsFilesOfOtherStoresWithoutACache() throws IOException {
    InputFile file = new InMemoryInputFile("mem", new byte[] {7});
    assertThat(first(file)).isEqualTo(7);
    assertThat(first(file)).isEqualTo(7);
  }

  @Test
  void closingDropsWhatWasKept() throws IOException {
    assertThat(first(write("a", LONG_AGO))).isEqualTo('a');
    files.close();
    assertThat(files.cacheCounts().entries()).isZero();
  }

  @Test
  void takesItsBoundFromTheProperties() throws IOException {
    files.initialize(Map.of(CacheSettings.MEMORY_BYTES, "0"));
    assertThat(first(write("a", LONG_AGO))).isEqualTo('a');
    assertThat(files.cacheCounts().entries()).isZero();
  }

  private Path write(String text, Instant modified) throws IOException {
    Path path = Files.writeString(directory.resolve("f"), text);
    return Files.setLastModifiedTime(path, FileTime.from(modified));
  }

  private int first(Path path) throws IOException {
    return first(files.newInputFile(Locations.of(path)));
  }

  private static int first(InputFile file) throws IOException {
    return CachedFile.cached(
            file,
            First.class,
            () -> {
              try (var in = file.newStream()) {
                return new First(in.read());
              }
            })
        .value();
  }
}
