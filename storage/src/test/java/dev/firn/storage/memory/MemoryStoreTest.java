package dev.firn.storage.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.FirnException;
import dev.firn.storage.Store;
import dev.firn.storage.StoreContract;
import dev.firn.storage.scheme.SchemeFileIO;
import java.io.IOException;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemoryStoreTest extends StoreContract {
  private final SchemeFileIO files = new SchemeFileIO();
  private final String name = "test-" + UUID.randomUUID();

  @Override
  protected Store files() {
    return files;
  }

  @Override
  protected String root() {
    return "memory://" + name + "/lake";
  }

  @AfterEach
  void drop() {
    MemoryStore.drop(name);
  }

  @Test
  void storesOfOneProcessShareFilesByName() throws IOException {
    write(at("f"), new byte[] {1});

    try (Store other = new MemoryStore()) {
      assertThat(other.newInputFile(at("f")).getLength()).isEqualTo(1);
      assertThat(other.newInputFile("memory://other-" + name + "/lake/f").exists()).isFalse();
    }
  }

  @Test
  void droppedNamesHaveNoFilesAndOthersKeepTheirs() throws IOException {
    String sibling = "memory://" + name + "2";
    write(at("f"), new byte[] {1});
    write(sibling + "/f", new byte[] {2});

    MemoryStore.drop(name);

    assertThat(list("memory://" + name)).isEmpty();
    assertThat(list(sibling)).containsExactly(sibling + "/f");
    files.deletePrefix(sibling);
    assertThat(list(sibling)).isEmpty();
  }

  @Test
  void readersKeepTheFileThatTheyOpened() throws IOException {
    write(at("f"), new byte[] {1, 2});
    try (var reader = files.newInputFile(at("f")).openRanges()) {
      files.deleteFile(at("f"));
      var target = java.nio.ByteBuffer.allocate(2);
      reader.readFully(0, target);
      assertThat(target.array()).containsExactly(1, 2);
    }
  }

  @Test
  void refusesALocationWithoutAName() {
    assertThatThrownBy(() -> files.newInputFile("memory:f"))
        .isInstanceOf(FirnException.class)
        .hasMessage("Cannot use location: expected memory://name/path, got memory:f");
  }
}
