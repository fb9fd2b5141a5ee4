package dev.firn.storage.scheme;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.storage.Locations;
import dev.firn.storage.StoreCounts;
import dev.firn.storage.StoreOutputStream;
import dev.firn.storage.memory.MemoryStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores side by side. */
class SchemeFileIOTest {
  private static final String NAME = "scheme-test";

  @TempDir Path directory;

  private final SchemeFileIO files = new SchemeFileIO();
  private String local;
  private String memory;

  @BeforeEach
  void places() {
    local = Locations.of(directory) + "/f";
    memory = "memory://" + NAME + "/f";
  }

  @AfterEach
  void close() {
    files.close();
    MemoryStore.drop(NAME);
  }

  @Test
  void oneStoreIsReadBesideAnother() throws IOException {
    write(local, 1);
    write(memory, 2);

    try (SeekableInputStream here = files.newInputFile(local).newStream();
        SeekableInputStream there = files.newInputFile(memory).newStream()) {
      assertThat(here.read()).isEqualTo(1);
      assertThat(there.read()).isEqualTo(2);
      assertThat(here.read()).isEqualTo(-1);
    }
  }

  @Test
  void deletesAndCountsOverStores() throws IOException {
    StoreCounts before = files.counts();
    List<String> locations = new ArrayList<>();
    for (String place : List.of(local, memory)) {
      for (int i = 0; i < 3; i++) {
        locations.add(place + i);
        write(place + i, i);
      }
    }
    locations.add(memory + "/missing");

    files.deleteFiles(locations);

    StoreCounts counts = files.counts().since(before);
    assertThat(counts.writes()).isEqualTo(6);
    assertThat(counts.bytesWritten()).isEqualTo(6);
    assertThat(counts.deletes()).isEqualTo(7);
    for (String location : locations) {
      assertThat(files.newInputFile(location).exists()).isFalse();
    }
  }

  private void write(String location, int value) throws IOException {
    try (StoreOutputStream out = files.newOutputFile(location).create()) {
      out.write(value);
    }
  }
}
