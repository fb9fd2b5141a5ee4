package dev.firn.format.parquet.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.testing.ArrowLeakCheck;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.parquet.column.values.bitpacking.ByteBitPackingValuesWriter;
import org.apache.parquet.column.values.bitpacking.Packer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ArrowLeakCheck.class)
class LevelsTest {
  private static final long SEED = Long.getLong("firn.pages.seed", 13);

  @Test
  void legacyBitPackedLevelsAreReadFromTheMostSignificantBit(BufferAllocator allocator)
      throws IOException {
    Random random = new Random(SEED);
    for (int max = 1; max <= 9; max++) {
      int width = 32 - Integer.numberOfLeadingZeros(max);
      short[] levels = new short[777];
      ByteBitPackingValuesWriter writer = new ByteBitPackingValuesWriter(max, Packer.BIG_ENDIAN);
      for (int i = 0; i < levels.length; i++) {
        levels[i] = (short) random.nextInt(max + 1);
        writer.writeInteger(levels[i]);
      }
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      writer.getBytes().writeAllTo(out);
      assertThat(BitPackedLevels.size(levels.length, width)).isEqualTo(out.size());
      try (ArrowBuf buffer = allocator.buffer(out.size())) {
        buffer.setBytes(0, out.toByteArray());
        for (int round = 0; round < 10; round++) {
          Levels read = new BitPackedLevels(buffer.memoryAddress(), width, max, levels.length);
          new MixedReads(random, allocator).levels(read, levels, max);
          assertThatThrownBy(() -> read.skip(1))
              .isInstanceOf(CorruptPageException.class)
              .hasMessage("1 levels are wanted, 0 are left in the page");
        }
      }
    }
  }

  @Test
  void legacyBitPackedLevelsAboveTheMaximumAreCorrupt(BufferAllocator allocator) {
    try (ArrowBuf buffer = allocator.buffer(1)) {
      buffer.setByte(0, 0b0001_1011);
      Levels levels = new BitPackedLevels(buffer.memoryAddress(), 2, 2, 4);
      assertThat(levels.skip(3)).isEqualTo(1);
      assertThatThrownBy(() -> levels.skip(1)).hasMessage("a level of 3, expected at most 2");
    }
  }

  @Test
  void columnsWithoutLevelsGiveZerosWhichAreTheMaximum(BufferAllocator allocator) {
    Levels levels = new ZeroLevels(20);
    short[] read = {7, 7, 7, 7};
    levels.read(2, read, 1);
    assertThat(read).containsExactly((short) 7, (short) 0, (short) 0, (short) 7);
    try (ArrowBuf bits = allocator.buffer(3)) {
      bits.setZero(0, 3);
      assertThat(levels.readBits(11, bits.memoryAddress(), 5)).isEqualTo(11);
      assertThat(bits.getByte(0)).isEqualTo((byte) 0xe0);
      assertThat(bits.getByte(1)).isEqualTo((byte) 0xff);
      assertThat(bits.getByte(2)).isZero();
    }
    assertThat(levels.skip(7)).isEqualTo(7);
    assertThatThrownBy(() -> levels.skip(1))
        .hasMessage("1 levels are wanted, 0 are left in the page");
  }
}
