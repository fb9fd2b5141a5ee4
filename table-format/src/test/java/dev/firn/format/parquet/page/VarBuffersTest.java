package dev.firn.format.parquet.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.ArrowLeakCheck;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ArrowLeakCheck.class)
class VarBuffersTest {
  @Test
  void buffersOutliveTheirBuilderAndTheNextBatch(BufferAllocator allocator) {
    ArrowBuf offsets;
    ArrowBuf data;
    try (VarBuffers texts = new VarBuffers(allocator)) {
      texts.start(2, 10);
      append(texts, "first", allocator);
      texts.appendEmpty(2);
      append(texts, "second", allocator);
      assertThat(texts.slots()).isEqualTo(4);
      offsets = texts.offsets();
      data = texts.data();
      texts.start(2, 10);
      append(texts, "other text", allocator);
    }
    try (offsets;
        data) {
      assertThat(offsets.writerIndex()).isEqualTo(20);
      assertThat(data.writerIndex()).isEqualTo(11);
      assertThat(offsets.getInt(4)).isEqualTo(5);
      assertThat(offsets.getInt(12)).isEqualTo(5);
      assertThat(offsets.getInt(16)).isEqualTo(11);
      byte[] bytes = new byte[11];
      data.getBytes(0, bytes);
      assertThat(bytes).asString().isEqualTo("firstsecond");
    }
  }

  @Test
  void memoryThatNobodyTookIsUsedAgain(BufferAllocator allocator) {
    try (VarBuffers texts = new VarBuffers(allocator)) {
      texts.start(1000, 10_000);
      long before = allocator.getAllocatedMemory();
      texts.start(1000, 10_000);
      assertThat(allocator.getAllocatedMemory()).isEqualTo(before);
      assertThat(texts.slots()).isZero();
    }
  }

  @Test
  void moreThanOffsetsCanTellIsInvalid(BufferAllocator allocator) {
    try (VarBuffers texts = new VarBuffers(allocator)) {
      texts.start(1, 10);
      append(texts, "x", allocator);
      texts.reserve(1, 100);
      assertThatThrownBy(() -> texts.reserve(1, Integer.MAX_VALUE))
          .isInstanceOfSatisfying(
              FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
          .hasMessageContaining("at most 2147483647 bytes of a column, got 2147483648")
          .hasMessageContaining("lower the batch rows");
    }
  }

  private static void append(VarBuffers texts, String text, BufferAllocator allocator) {
    try (ArrowBuf source = allocator.buffer(text.length() + Scratch.PAD)) {
      source.setBytes(0, text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
      texts.append(source.memoryAddress(), text.length());
    }
  }
}
