package dev.firn.format.parquet.page;

import dev.firn.error.FirnException;
import java.nio.ByteBuffer;
import org.apache.arrow.memory.util.MemoryUtil;

/**
 * The deprecated codec LZ4, reading only: Hadoop's framing (the length of a frame, then blocks
 * behind their compressed lengths until it is full, all lengths big-endian), or, as some writers
 * understood the name, one block without a frame.
 */
final class HadoopLz4Codec extends PageCodec {
  private static final int LENGTH = Integer.BYTES;

  private final Lz4RawCodec block = new Lz4RawCodec();

  @Override
  void checkPlausible(long source, int length, int targetLength) {
    block.checkPlausible(source, length, targetLength);
  }

  @Override
  void decompress(long source, int length, long target, int targetLength) {
    if (!decompressFrames(source, length, target, targetLength)) {
      block.decompress(source, length, target, targetLength);
    }
  }

  /** Returns whether it was framed, so that the lengths of all frames and blocks add up. */
  private boolean decompressFrames(long source, int length, long target, int targetLength) {
    ByteBuffer in = MemoryUtil.directBuffer(source, length);
    int written = 0;
    while (in.remaining() >= LENGTH) {
      int frame = in.getInt();
      if (frame < 0 || frame > targetLength - written) {
        return false;
      }
      for (int end = written + frame; written < end; ) {
        int made = decompressBlock(in, source, target + written, end - written);
        if (made <= 0) {
          return false;
        }
        written += made;
      }
    }
    return !in.hasRemaining() && written == targetLength;
  }

  /** Returns the bytes of the block at the buffer's position, or -1 where there is none. */
  private int decompressBlock(ByteBuffer in, long source, long target, int room) {
    if (in.remaining() < LENGTH) {
      return -1;
    }
    int compressed = in.getInt();
    if (compressed < 0 || compressed > in.remaining()) {
      return -1;
    }
    long from = source + in.position();
    in.position(in.position() + compressed);
    try {
      return block.decompressUpTo(from, compressed, target, room);
    } catch (CorruptPageException e) {
      return -1;
    }
  }

  @Override
  public long compressBound(int length) {
    throw readingOnly();
  }

  @Override
  public int compress(long source, int length, long target, int capacity) {
    throw readingOnly();
  }

  private static FirnException readingOnly() {
    return FirnException.invalid(
        "Cannot write with the Parquet codec LZ4: deprecated, since writers disagree on its framing; use lz4_raw");
  }

  @Override
  public void close() {
    block.close();
  }
}
