package dev.firn.format.parquet.page;

import io.airlift.compress.MalformedInputException;
import io.airlift.compress.lz4.Lz4Compressor;
import io.airlift.compress.lz4.Lz4Decompressor;
import java.nio.ByteBuffer;
import org.apache.arrow.memory.util.MemoryUtil;
import org.jspecify.annotations.Nullable;

/** LZ4 blocks without a frame. */
final class Lz4RawCodec extends PageCodec {
  private static final String NAME = "lz4";
  private static final long MAX_RATIO = 255;

  private final Lz4Decompressor decompressor = new Lz4Decompressor();
  private @Nullable Lz4Compressor compressor;

  @Override
  void checkPlausible(long source, int length, int targetLength) {
    checkRatio(NAME, length, targetLength, MAX_RATIO);
  }

  @Override
  void decompress(long source, int length, long target, int targetLength) {
    int written = decompressUpTo(source, length, target, targetLength);
    if (written != targetLength) {
      throw wrongLength(NAME, targetLength, written);
    }
  }

  /** Decompresses what the source gives, {@code capacity} bytes at most; returns how many. */
  int decompressUpTo(long source, int length, long target, int capacity) {
    ByteBuffer to = MemoryUtil.directBuffer(target, capacity);
    try {
      decompressor.decompress(MemoryUtil.directBuffer(source, length), to);
    } catch (MalformedInputException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw damaged(NAME, e);
    }
    return to.position();
  }

  @Override
  public long compressBound(int length) {
    return 16L + length + length / 255;
  }

  @Override
  public int compress(long source, int length, long target, int capacity) {
    checkCapacity(length, capacity);
    Lz4Compressor made = compressor;
    if (made == null) {
      made = new Lz4Compressor();
      compressor = made;
    }
    ByteBuffer to = MemoryUtil.directBuffer(target, capacity);
    made.compress(MemoryUtil.directBuffer(source, length), to);
    return to.position();
  }

  @Override
  public void close() {}
}
