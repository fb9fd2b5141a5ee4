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
 * Zstandard frames, each way with one context that is got when first needed. Those that decompress
 * are kept for other codecs: they take longer to make than a small page to decompress.
 *
 * <p>Where no level is asked for it is 3, with tables that stay in a processor's own cache: text
 * takes a tenth less time and a third of a percent more room. Lightly is 1 with a smaller table:
 * where level 3 gains nothing by looking twice, as with numbers of random digits, in half the time.
 */
final class ZstdCodec extends PageCodec {
  private static final String NAME = "zstd";
  private static final int DEFAULT_LEVEL = 3;
  private static final int DEFAULT_HASH_LOG = 16;
  private static final int LIGHT_LEVEL = 1;
  private static final int LIGHT_HASH_LOG = 15;
  // a block of one repeated byte: 3 bytes of header and the byte make up to 128 KiB
  private static final long MAX_RATIO = 1 << 15;

  private static final BlockingQueue<ZstdDecompressCtx> READERS = new ArrayBlockingQueue<>(64);

  private final @Nullable Integer level;
  private @Nullable ZstdDecompressCtx reader;
  private @Nullable ZstdCompressCtx writer;
  private @Nullable ZstdCompressCtx lightWriter;

  ZstdCodec(@Nullable Integer level) {
    this.level = level;
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
    ZstdCompressCtx context = writer;
    if (context == null) {
      context =
          level == null
              ? context(DEFAULT_LEVEL, DEFAULT_HASH_LOG)
              : new ZstdCompressCtx().setLevel(level);
      writer = context;
    }
    return compress(context, source, length, target, capacity);
  }

  @Override
  public int compressLightly(long source, int length, long target, int capacity) {
    if (level != null) {
      return compress(source, length, target, capacity);
    }
    ZstdCompressCtx context = lightWriter;
    if (context == null) {
      context = context(LIGHT_LEVEL, LIGHT_HASH_LOG);
      lightWriter = context;
    }
    return compress(context, source, length, target, capacity);
  }

  private static ZstdCompressCtx context(int level, int hashLog) {
    return new ZstdCompressCtx().setLevel(level).setHashLog(hashLog);
  }

  private int compress(
      ZstdCompressCtx context, long source, int length, long target, int capacity) {
    checkCapacity(length, capacity);
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
    if (lightWriter != null) {
      lightWriter.close();
      lightWriter = null;
    }
  }
}
