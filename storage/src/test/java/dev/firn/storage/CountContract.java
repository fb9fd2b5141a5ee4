package dev.firn.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.iceberg.exceptions.NotFoundException;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** Stores count what is asked of them. */
interface CountContract extends StoreUnderTest {
  @Test
  default void countsWrites() throws IOException {
    StoreCounts before = store().counts();

    write(at("f"), new byte[1_000]);

    StoreCounts counts = store().counts().since(before);
    assertThat(counts.writes()).isEqualTo(1);
    assertThat(counts.bytesWritten()).isEqualTo(1_000);
    assertThat(counts.requests()).isEqualTo(1);
  }

  @Test
  default void countsReadsAndTheirBytes() throws IOException {
    write(at("f"), new byte[5_000]);
    StoreCounts before = store().counts();

    try (RangeReader reader = store().newInputFile(at("f")).openRanges()) {
      reader.readFully(17, ByteBuffer.allocate(1_000));
    }

    StoreCounts counts = store().counts().since(before);
    assertThat(counts.reads()).isEqualTo(1);
    assertThat(counts.bytesRead()).isEqualTo(1_000);
    assertThat(counts.requests()).isEqualTo(1);
  }

  /** One, or two where the store tells a length by another request than a tail. */
  int requestsForTailAndLength();

  @Test
  default void tailIsOneRequestThatTellsTheLength() throws IOException {
    write(at("f"), new byte[5_000]);
    StoreCounts before = store().counts();

    try (RangeReader reader = store().newInputFile(at("f")).openRanges()) {
      reader.readTail(ByteBuffer.allocateDirect(8));
      assertThat(reader.length()).isEqualTo(5_000);
    }

    StoreCounts counts = store().counts().since(before);
    assertThat(counts.reads()).isEqualTo(1);
    assertThat(counts.bytesRead()).isEqualTo(8);
    assertThat(counts.requests()).isEqualTo(requestsForTailAndLength());
  }

  @Test
  default void countsStreams() throws IOException {
    write(at("f"), new byte[5_000]);
    StoreCounts before = store().counts();

    assertThat(read(at("f"))).hasSize(5_000);

    StoreCounts counts = store().counts().since(before);
    assertThat(counts.reads()).isBetween(1L, 2L);
    assertThat(counts.bytesRead()).isEqualTo(5_000);
  }

  @Test
  default void countsQuestions() throws IOException {
    write(at("f"), new byte[1]);
    StoreCounts before = store().counts();

    store().newInputFile(at("f")).exists();
    store().newInputFile(at("missing")).exists();
    store().newInputFile(at("f")).getLength();

    StoreCounts counts = store().counts().since(before);
    assertThat(counts.heads()).isEqualTo(3);
    assertThat(counts.requests()).isEqualTo(3);
  }

  @Test
  default void countsListsAndDeletes() throws IOException {
    for (int i = 0; i < 5; i++) {
      write(at("t/f" + i), new byte[1]);
    }
    StoreCounts before = store().counts();

    assertThat(list(at("t"))).hasSize(5);
    StoreCounts listed = store().counts().since(before);
    assertThat(listed.lists()).isPositive();
    assertThat(listed.requests()).isEqualTo(listed.lists());

    store().deleteFile(at("t/f0"));
    assertThat(store().counts().since(before).deletes()).isEqualTo(1);
    store().deleteFiles(List.of(at("t/f1"), at("t/f2"), at("t/f3")));
    assertThat(store().counts().since(before).deletes()).isBetween(2L, 4L);
  }

  @Test
  default void failuresAreNotCountedAsBytes() {
    StoreCounts before = store().counts();

    Assertions.assertThatThrownBy(() -> read(at("missing"))).isInstanceOf(NotFoundException.class);

    StoreCounts counts = store().counts().since(before);
    assertThat(counts.bytesRead()).isZero();
    assertThat(counts.retries()).as("a missing file is an answer").isZero();
  }
}
