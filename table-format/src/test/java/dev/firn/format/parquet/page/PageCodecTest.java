package dev.firn.format.parquet.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.ArrowLeakCheck;
import io.airlift.compress.lz4.Lz4Compressor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xerial.snappy.Snappy;

@ExtendWith(ArrowLeakCheck.class)
class PageCodecTest {
  private static final long SEED = Long.getLong("firn.pages.seed", 11);
  private static final int GUARD = 32;

  @ParameterizedTest
  @EnumSource(names = {"UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "LZ4_RAW"})
  void whatIsCompressedComesBack(CompressionCodecName name, BufferAllocator allocator) {
    try (PageCodec codec = PageCodec.of(name, null)) {
      for (int length : new int[] {1, 2, 100, 5000, 300_000}) {
        for (int style = 0; style < 3; style++) {
          byte[] content = content(length, style);
          byte[] compressed = compress(codec, content, allocator);
          assertThat(decompress(codec, compressed, length, allocator)).isEqualTo(content);
          byte[] lightly = compress(codec::compressLightly, codec, content, allocator);
          assertThat(decompress(codec, lightly, length, allocator)).isEqualTo(content);
        }
      }
    }
  }

  @Test
  void levelsAreHonoured(BufferAllocator allocator) {
    byte[] content = content(300_000, 1);
    for (CompressionCodecName name :
        new CompressionCodecName[] {CompressionCodecName.ZSTD, CompressionCodecName.GZIP}) {
      try (PageCodec fast = PageCodec.of(name, 1);
          PageCodec small = PageCodec.of(name, 9)) {
        assertThat(compress(small, content, allocator))
            .hasSizeLessThan(compress(fast, content, allocator).length);
      }
    }
  }

  @Test
  void aLevelThatIsAskedForHoldsForPagesCompressedLightlyToo(BufferAllocator allocator) {
    byte[] content = content(300_000, 1);
    try (PageCodec codec = PageCodec.of(CompressionCodecName.ZSTD, 9);
        PageCodec free = PageCodec.of(CompressionCodecName.ZSTD, null)) {
      assertThat(compress(codec::compressLightly, codec, content, allocator))
          .isEqualTo(compress(codec, content, allocator));
      assertThat(compress(free::compressLightly, free, content, allocator))
          .isNotEqualTo(compress(free, content, allocator));
    }
  }

  @Test
  void othersCanReadWhatIsWritten(BufferAllocator allocator) throws IOException {
    byte[] content = content(100_000, 1);
    try (PageCodec snappy = PageCodec.of(CompressionCodecName.SNAPPY, null);
        PageCodec gzip = PageCodec.of(CompressionCodecName.GZIP, null);
        PageCodec zstd = PageCodec.of(CompressionCodecName.ZSTD, null)) {
      assertThat(Snappy.uncompress(compress(snappy, content, allocator))).isEqualTo(content);
      assertThat(Zstd.decompress(compress(zstd, content, allocator), content.length))
          .isEqualTo(content);
      byte[] member = compress(gzip, content, allocator);
      assertThat(new GZIPInputStream(new ByteArrayInputStream(member)).readAllBytes())
          .isEqualTo(content);
    }
  }

  @Test
  void gzipMembersInARowAreOnePage(BufferAllocator allocator) throws IOException {
    byte[] content = content(50_000, 1);
    ByteArrayOutputStream members = new ByteArrayOutputStream();
    members.write(gzip(Arrays.copyOf(content, 20_000)));
    members.write(gzip(Arrays.copyOfRange(content, 20_000, 50_000)));
    try (PageCodec codec = PageCodec.of(CompressionCodecName.GZIP, null)) {
      assertThat(decompress(codec, members.toByteArray(), content.length, allocator))
          .isEqualTo(content);
    }
  }

  @Test
  void gzipHeadersMayHaveEveryOptionalField(BufferAllocator allocator) throws IOException {
    byte[] content = content(1000, 1);
    byte[] member = gzip(content);
    ByteArrayOutputStream longer = new ByteArrayOutputStream();
    longer.write(member, 0, 3);
    longer.write(2 | 4 | 8 | 16);
    longer.write(member, 4, 6);
    longer.write(new byte[] {3, 0, 9, 9, 9}); // extra
    longer.write(new byte[] {'n', 0, 'c', 0, 1, 2}); // name, comment, checksum of the header
    longer.write(member, 10, member.length - 10);
    try (PageCodec codec = PageCodec.of(CompressionCodecName.GZIP, null)) {
      assertThat(decompress(codec, longer.toByteArray(), content.length, allocator))
          .isEqualTo(content);
    }
  }

  @Test
  void gzipChecksumsAreVerified(BufferAllocator allocator) throws IOException {
    byte[] content = content(1000, 1);
    byte[] member = gzip(content);
    member[member.length - 6] ^= 1;
    try (PageCodec codec = PageCodec.of(CompressionCodecName.GZIP, null)) {
      assertThatThrownBy(() -> decompress(codec, member, content.length, allocator))
          .isInstanceOf(CorruptPageException.class)
          .hasMessageContaining("its checksum or length does not match");
    }
  }

  @Test
  void legacyLz4IsReadInEachOfItsForms(BufferAllocator allocator) throws IOException {
    byte[] content = content(50_000, 1);
    byte[] first = lz4(Arrays.copyOf(content, 20_000));
    byte[] second = lz4(Arrays.copyOfRange(content, 20_000, 50_000));
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    frames.write(ints(20_000, first.length));
    frames.write(first);
    frames.write(ints(30_000, second.length));
    frames.write(second);
    ByteArrayOutputStream oneFrame = new ByteArrayOutputStream();
    oneFrame.write(ints(50_000, first.length));
    oneFrame.write(first);
    oneFrame.write(ints(second.length));
    oneFrame.write(second);
    try (PageCodec codec = PageCodec.of(CompressionCodecName.LZ4, null)) {
      assertThat(decompress(codec, frames.toByteArray(), content.length, allocator))
          .isEqualTo(content);
      assertThat(decompress(codec, oneFrame.toByteArray(), content.length, allocator))
          .isEqualTo(content);
      assertThat(decompress(codec, lz4(content), content.length, allocator)).isEqualTo(content);
      assertThatThrownBy(() -> codec.compressBound(1))
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("use lz4_raw");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"BROTLI", "LZO"})
  void codecsThatAreNotBuiltInAreNamed(CompressionCodecName name) {
    assertThatThrownBy(() -> PageCodec.of(name, null))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining(name.toString())
        .hasMessageContaining("rewrite the files");
  }

  @ParameterizedTest
  @EnumSource(names = {"UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "LZ4_RAW", "LZ4"})
  void aWrongLengthIsCorrupt(CompressionCodecName name, BufferAllocator allocator) {
    byte[] content = content(5000, 1);
    byte[] compressed = forReading(name, content, allocator);
    try (PageCodec codec = PageCodec.of(name, null)) {
      for (int claimed : new int[] {1, 4999, 5001, 100_000}) {
        assertThatThrownBy(() -> decompress(codec, compressed, claimed, allocator))
            .as("%d bytes", claimed)
            .isInstanceOf(CorruptPageException.class);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "LZ4_RAW", "LZ4"})
  void absurdLengthsAreRefusedBeforeMemoryIsGiven(
      CompressionCodecName name, BufferAllocator allocator) {
    byte[] compressed = forReading(name, content(100, 0), allocator);
    try (PageCodec codec = PageCodec.of(name, null);
        ArrowBuf from = allocator.buffer(compressed.length)) {
      from.setBytes(0, compressed);
      assertThatThrownBy(
              () ->
                  codec.checkPlausible(from.memoryAddress(), compressed.length, Integer.MAX_VALUE))
          .isInstanceOf(CorruptPageException.class);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SNAPPY", "GZIP", "ZSTD", "LZ4_RAW", "LZ4"})
  void damagedDataIsCorruptOrTheSameLength(CompressionCodecName name, BufferAllocator allocator) {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    int faults = 0;
    try (PageCodec codec = PageCodec.of(name, null)) {
      for (int round = 0; round < 2000; round++) {
        byte[] content = content(1 + random.nextInt(3000), round % 3);
        byte[] compressed = forReading(name, content, allocator);
        for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
          compressed[random.nextInt(compressed.length)] ^= (byte) (1 << random.nextInt(8));
        }
        int length = random.nextInt(4) == 0 ? random.nextInt(compressed.length) : compressed.length;
        try {
          assertThat(
                  decompress(codec, Arrays.copyOf(compressed, length), content.length, allocator))
              .hasSameSizeAs(content);
        } catch (CorruptPageException e) {
          faults++;
        }
      }
    }
    assertThat(faults).isGreaterThan(500);
  }

  @Test
  void tooLittleRoomIsRefused(BufferAllocator allocator) {
    try (PageCodec codec = PageCodec.of(CompressionCodecName.SNAPPY, null);
        ArrowBuf memory = allocator.buffer(100)) {
      long address = memory.memoryAddress();
      assertThatThrownBy(() -> codec.compress(address, 100, address, 100))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected room for 148");
    }
  }

  private static byte[] content(int length, int style) {
    Random random = new Random(length * 3L + style);
    byte[] content = new byte[length];
    switch (style) {
      case 0 -> {}
      case 1 -> {
        for (int i = 0; i < length; i++) {
          content[i] = (byte) ("some words".charAt(i % 10) + (random.nextInt(20) == 0 ? 1 : 0));
        }
      }
      default -> random.nextBytes(content);
    }
    return content;
  }

  private static byte[] forReading(
      CompressionCodecName name, byte[] content, BufferAllocator allocator) {
    if (name == CompressionCodecName.LZ4) {
      byte[] block = lz4(content);
      return TestChunk.concat(ints(content.length, block.length), block);
    }
    try (PageCodec codec = PageCodec.of(name, null)) {
      return compress(codec, content, allocator);
    }
  }

  private static byte[] compress(PageCodec codec, byte[] content, BufferAllocator allocator) {
    return compress(codec::compress, codec, content, allocator);
  }

  private interface Compression {
    int run(long source, int length, long target, int capacity);
  }

  private static byte[] compress(
      Compression way, PageCodec codec, byte[] content, BufferAllocator allocator) {
    int bound = (int) codec.compressBound(content.length);
    try (ArrowBuf from = allocator.buffer(content.length);
        ArrowBuf to = allocator.buffer(bound)) {
      from.setBytes(0, content);
      int length = way.run(from.memoryAddress(), content.length, to.memoryAddress(), bound);
      byte[] compressed = new byte[length];
      to.getBytes(0, compressed);
      return compressed;
    }
  }

  /** Between guards, which must stay as they are. */
  private static byte[] decompress(
      PageCodec codec, byte[] compressed, int length, BufferAllocator allocator) {
    try (ArrowBuf from = allocator.buffer(compressed.length);
        ArrowBuf to = allocator.buffer(length + 2L * GUARD)) {
      from.setBytes(0, compressed);
      byte[] guard = new byte[GUARD];
      Arrays.fill(guard, (byte) 0x77);
      to.setBytes(0, guard);
      to.setBytes(GUARD + length, guard);
      byte[] read = new byte[GUARD];
      try {
        codec.decompress(
            from.memoryAddress(), compressed.length, to.memoryAddress() + GUARD, length);
      } finally {
        to.getBytes(0, read);
        assertThat(read).isEqualTo(guard);
        to.getBytes(GUARD + length, read);
        assertThat(read).isEqualTo(guard);
      }
      byte[] content = new byte[length];
      to.getBytes(GUARD, content);
      return content;
    }
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    }
    return out.toByteArray();
  }

  private static byte[] lz4(byte[] content) {
    Lz4Compressor compressor = new Lz4Compressor();
    byte[] out = new byte[compressor.maxCompressedLength(content.length)];
    int length = compressor.compress(content, 0, content.length, out, 0, out.length);
    return Arrays.copyOf(out, length);
  }

  private static byte[] ints(int... numbers) {
    ByteBuffer out = ByteBuffer.allocate(4 * numbers.length);
    for (int number : numbers) {
      out.putInt(number);
    }
    return out.array();
  }
}
