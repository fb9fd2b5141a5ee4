package dev.firn.format.parquet.page;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.apache.arrow.memory.util.MemoryUtil;
import org.jspecify.annotations.Nullable;

/**
 * Zstandard frames, each direction with one context that is got when first needed. Those that
 * decompress are kept for other codecs: they take longer to make than a small page to decompress.
 */
final class ZstdCodec extends PageCodec {
  private static final String NAME = "zstd";
  private static final int DEFAULT_LEVEL = 3;
  // a block of one repeated byte: 3 bytes of header and the byte make up to 128 KiB
  private static final long MAX_RATIO = 1 << 15;

  private static final BlockingQueue<ZstdDecompressCtx> READERS = new ArrayBlockingQueue<>(64);

  private final int level;
  private @Nullable ZstdDecompressCtx reader;
  private @Nullable ZstdCompressCtx writer;

  ZstdCodec(@Nullable Integer level) {
    this.level = level == null ? DEFAULT_LEVEL : level;
  }

  @Override
  void checkPlausible(long source, int length, int targetLength) {
    checkRatio(NAME, length, targetLength, MAX_RATIO);
    if (length == 0) {
      return;
    }
    long said =
        Zstd.getDirectByteBufferFrameContentSize(
            MemoryUtil.directBuffer(source, length), 0, length);
    if (said > targetLength) {
      throw wrongLength(NAME, targetLength, said);
    }
  }

  @Override
  void decompress(long source, int length, long target, int targetLength) {
    ByteBuffer from = MemoryUtil.directBuffer(source, length);
    ByteBuffer to = MemoryUtil.directBuffer(target, targetLength);
    int written;
    try {
      written = reader().decompressDirectByteBuffer(to, 0, targetLength, from, 0, length);
    } catch (ZstdException e) {
      throw damaged(NAME, e);
    }
    if (written != targetLength) {
      throw wrongLength(NAME, targetLength, written);
    }
  }

  private ZstdDecompressCtx reader() {
    ZstdDecompressCtx made = reader;
    if (made == null) {
      made = READERS.poll();
      made = made == null ? new ZstdDecompressCtx() : made;
      reader = made;
    }
    return made;
  }

  @Override
  public long compressBound(int length) {
    return Zstd.compressBound(length);
  }

  @Override
  public int compress(long source, int length, long target, int capacity) {
    checkCapacity(length, capacity);
    ZstdCompressCtx context = writer;
    if (context == null) {
      context = new ZstdCompressCtx().setLevel(level);
      writer = context;
    }
    ByteBuffer from = MemoryUtil.directBuffer(source, length);
    ByteBuffer to = MemoryUtil.directBuffer(target, capacity);
    return context.compressDirectByteBuffer(to, 0, capacity, from, 0, length);
  }

  @Override
  public void close() {
    ZstdDecompressCtx done = reader;
    reader = null;
    if (done != null && !READERS.offer(done)) {
      done.close();
    }
    if (writer != null) {
      writer.close();
      writer = null;
    }
  }
}
