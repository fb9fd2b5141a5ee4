package dev.firn.catalog.commit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.FileOperation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.iceberg.DataFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How often a grouped commit asks the object store ({@code commit.group.requests}). */
class CommitCostTest {
  @TempDir Path directory;

  private CommitLake lake;

  @BeforeEach
  void open() {
    lake = new CommitLake(directory);
  }

  @AfterEach
  void close() {
    lake.close();
  }

  @ParameterizedTest
  @CsvSource({"2, 1, 0", "2, 64, 0", "3, 64, 0", "2, 64, 40", "3, 64, 40"})
  void groupWritesThreeFilesAndReadsNone(int formatVersion, int members, int commitsBefore) {
    lake.create(formatVersion);
    for (int i = 0; i <= commitsBefore; i++) {
      lake.commit(CommitLake.append(lake.file("a")));
    }

    assertThat(operationsOf(members))
        .isEqualTo(Map.of(FileOperation.CREATE, 3L, FileOperation.CLOSE, 3L));
  }

  @Test
  void oldMetadataIsRemovedOneForOne() {
    lake.create(
        2,
        "write.metadata.delete-after-commit.enabled",
        "true",
        "write.metadata.previous-versions-max",
        "2");
    for (int i = 0; i < 6; i++) {
      lake.commit(CommitLake.append(lake.file("a")));
    }
    lake.commits.close();
    lake.close();
    lake = new CommitLake(directory);
    lake.commit(CommitLake.append(lake.file("a")));
    lake.commits.close();

    assertThat(lake.files.count(FileOperation.DELETE)).isEqualTo(1);
  }

  @Test
  void commitOfAnotherProcessIsReadOnce() {
    lake.create(2);
    lake.commit(CommitLake.append(lake.file("a")));
    try (CommitLake second = lake.second()) {
      second.commit(CommitLake.append(lake.file("a")));
    }

    // Its metadata, and its manifest list.
    assertThat(operationsOf(16))
        .containsEntry(FileOperation.OPEN, 2L)
        .containsEntry(FileOperation.CREATE, 3L);
    assertThat(operationsOf(16)).doesNotContainKey(FileOperation.OPEN);
  }

  private Map<FileOperation, Long> operationsOf(int members) {
    List<CompletableFuture<CommitReceipt>> all = new ArrayList<>();
    List<DataFile> files = new ArrayList<>();
    for (int i = 0; i < members; i++) {
      files.add(lake.file("c" + i % 7));
    }
    lake.together(
        () -> {
          lake.files.reset();
          files.forEach(file -> all.add(lake.submit(CommitLake.append(file))));
        });
    all.forEach(Futures::await);
    Map<FileOperation, Long> counts = new EnumMap<>(FileOperation.class);
    for (FileOperation operation : FileOperation.values()) {
      // How many writes a file takes is a matter of buffers.
      if (operation != FileOperation.WRITE && lake.files.count(operation) > 0) {
        counts.put(operation, lake.files.count(operation));
      }
    }
    return counts;
  }
}
