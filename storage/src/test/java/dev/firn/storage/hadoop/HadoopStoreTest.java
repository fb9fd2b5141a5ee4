package dev.firn.storage.hadoop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.Store;
import dev.firn.storage.StoreContract;
import dev.firn.storage.StoreOutputStream;
import dev.firn.storage.Temporaries;
import dev.firn.storage.local.LocalTemporaries;
import dev.firn.storage.scheme.SchemeFileIO;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract, on Hadoop's local file system. */
class HadoopStoreTest extends StoreContract {
  @TempDir Path directory;

  private final SchemeFileIO files = new SchemeFileIO();

  @BeforeEach
  void configure() {
    files.initialize(
        Map.of(
            "hadoop.fs." + SchemedLocalFileSystem.SCHEME + ".impl",
            SchemedLocalFileSystem.class.getName()));
  }

  @AfterEach
  void close() {
    files.close();
  }

  @Override
  protected Store files() {
    return files;
  }

  @Override
  protected String root() {
    return SchemedLocalFileSystem.SCHEME + "://" + directory;
  }

  /** Hadoop tells lengths by a request of its own. */
  @Override
  protected boolean tailTellsLength() {
    return false;
  }

  /** No pages. */
  @Override
  public int manyFiles() {
    return 100;
  }

  @Test
  void unfinishedFilesAreSiblingsThatSweepsKnow() throws IOException {
    StoreOutputStream out = files.newOutputFile(at("d/f")).create();
    out.write(1);

    assertThat(list(at("d"))).singleElement().satisfies(this::isTemporaryOfF);
    out.close();
    assertThat(list(at("d"))).containsExactly(at("d/f"));
  }

  private void isTemporaryOfF(String sibling) {
    assertThat(Temporaries.belongs(sibling, at("d/f"))).isTrue();
    assertThat(LocalTemporaries.belongs(sibling, at("d/f"))).isTrue();
    assertThat(LocalTemporaries.belongs(sibling, at("d/g"))).isFalse();
    assertThat(LocalTemporaries.belongs(sibling, at("e/f"))).isFalse();
  }

  @Test
  void schemeWithoutAConnectorIsInvalid() {
    assertThatThrownBy(() -> files.newInputFile("abcd://bucket/f").exists())
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("expected the scheme's connector on the class path")
        .hasMessageContaining("abcd://bucket/f")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.INVALID);
  }

  @Test
  void storesOfOneProcessHaveTheirOwnConfiguration() {
    try (SchemeFileIO other = new SchemeFileIO()) {
      other.initialize(Map.of());
      assertThat(files.newInputFile(at("f")).exists()).isFalse();
      assertThatThrownBy(() -> other.newInputFile(at("f")).exists())
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("No FileSystem for scheme");
    }
  }
}
