package dev.firn.format.parquet.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.testing.ArrowLeakCheck;
import java.util.Random;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ArrowLeakCheck.class)
class LevelsTest {
  private static final long SEED = Long.getLong("firn.pages.seed", 13);

  @Test
  void legacyBitPackedLevelsAreReadFromTheMostSignificantBit(BufferAllocator allocator) {
    Random random = new Random(SEED);
    for (int max = 1; max <= 9; max++) {
      int width = 32 - Integer.numberOfLeadingZeros(max);
      short[] levels = new short[777];
      StringBuilder bits = new StringBuilder();
      for (int i = 0; i < levels.length; i++) {
        levels[i] = (short) random.nextInt(max + 1);
        // the example of the specification: 0 to 7 in 3 bits are 00000101 00111001 01110111
        String digits = Integer.toBinaryString(levels[i]);
        bits.append("0".repeat(width - digits.length())).append(digits);
      }
      byte[] packed = packed(bits.toString());
      assertThat(BitPackedLevels.size(levels.length, width)).isEqualTo(packed.length);
      try (ArrowBuf buffer = allocator.buffer(packed.length)) {
        buffer.setBytes(0, packed);
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
  void earlyFilesHaveBitPackedLevelsInFrontOfTheValues(BufferAllocator allocator) {
    ColumnDescriptor column =
        new ColumnDescriptor(
            new String[] {"a", "b"}, Types.optional(PrimitiveTypeName.INT32).named("b"), 1, 2);
    byte[] levels =
        TestChunk.concat(
            packed("01" + "01" + "01" + "01" + "1"),
            packed("10" + "00" + "01" + "10" + "10" + "10" + "10" + "10" + "10"));
    byte[] values = new byte[28];
    values[24] = 42;
    PageHeader header =
        new PageHeader(
            PageType.DATA_PAGE, levels.length + values.length, levels.length + values.length);
    header.setData_page_header(
        new DataPageHeader(9, Encoding.PLAIN, Encoding.BIT_PACKED, Encoding.BIT_PACKED));
    TestChunk chunk =
        new TestChunk(column, CompressionCodecName.UNCOMPRESSED, false, allocator)
            .raw(header, TestChunk.concat(levels, values));
    ChunkSpec spec =
        new ChunkSpec(
            TestChunk.FILE,
            0,
            column,
            CompressionCodecName.UNCOMPRESSED,
            9,
            1000,
            0,
            Conversion.NONE);
    byte[] bytes = chunk.bytes();
    try (ArrowBuf buffer = allocator.buffer(bytes.length)) {
      buffer.setBytes(0, bytes);
      try (ColumnChunk pages = ColumnChunk.open(spec, buffer, 0, bytes.length, allocator);
          ArrowBuf out = allocator.buffer(values.length)) {
        assertThat(pages.nextPage()).isTrue();
        short[] read = new short[9];
        pages.repetition().read(9, read, 0);
        assertThat(read).containsExactly(shorts(0, 1, 0, 1, 0, 1, 0, 1, 1));
        pages.definition().read(9, read, 0);
        assertThat(read).containsExactly(shorts(2, 0, 1, 2, 2, 2, 2, 2, 2));
        pages.values().read(7, out.memoryAddress());
        assertThat(out.getInt(24)).isEqualTo(42);
        assertThat(pages.nextPage()).isFalse();
      }
    }
  }

  private static short[] shorts(int... values) {
    short[] shorts = new short[values.length];
    for (int i = 0; i < values.length; i++) {
      shorts[i] = (short) values[i];
    }
    return shorts;
  }

  private static byte[] packed(String bits) {
    String padded = bits + "0".repeat(-bits.length() & 7);
    byte[] bytes = new byte[padded.length() / 8];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Integer.parseInt(padded.substring(8 * i, 8 * i + 8), 2);
    }
    return bytes;
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
