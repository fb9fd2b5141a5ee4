package dev.firn.format.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.inmemory.InMemoryFileIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeleteFileReadsTest {
  private static final String REMOTE = "s3://bucket/deletes.parquet";

  private final InMemoryFileIO store = new InMemoryFileIO();

  private final AtomicInteger tries = new AtomicInteger();

  private static List<DeleteFile> at(String location) {
    return List.of(
        FileMetadata.deleteFileBuilder(PartitionSpec.unpartitioned())
            .ofPositionDeletes()
            .withPath(location)
            .withFileSizeInBytes(100)
            .withRecordCount(1)
            .build());
  }

  /** Fails as a damaged deletion vector does, so often. */
  private Supplier<String> damaged(int times) {
    return () -> {
      if (tries.incrementAndGet() <= times) {
        throw new IllegalArgumentException("Invalid CRC");
      }
      return "read";
    };
  }

  @BeforeEach
  void addFile() {
    store.addFile(REMOTE, new byte[100]);
  }

  @Test
  void readsAgainWhatCameDamagedFromAStore() {
    assertThat(DeleteFileReads.load(store, at(REMOTE), damaged(3))).isEqualTo("read");
    assertThat(tries).hasValue(4);
  }

  @Test
  void givesUpWhatStaysDamaged() {
    assertThatThrownBy(() -> DeleteFileReads.load(store, at(REMOTE), damaged(1000)))
        .hasMessage("Invalid CRC");
    assertThat(tries).hasValue(5);
  }

  @Test
  void readsLocalAndMissingFilesOnce() {
    assertThatThrownBy(() -> DeleteFileReads.load(store, at("/disk/deletes.parquet"), damaged(1)))
        .hasMessage("Invalid CRC");
    assertThatThrownBy(
            () ->
                DeleteFileReads.load(
                    store,
                    at(REMOTE),
                    () -> {
                      tries.incrementAndGet();
                      throw new NotFoundException("gone");
                    }))
        .isInstanceOf(NotFoundException.class);
    assertThat(tries).hasValue(2);
  }
}
