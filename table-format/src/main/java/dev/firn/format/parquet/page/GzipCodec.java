package dev.firn.format.parquet.page;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.apache.arrow.memory.util.MemoryUtil;
import org.jspecify.annotations.Nullable;

/**
 * Gzip members, one or several in a row.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc1952">RFC 1952</a>
 */
final class GzipCodec extends PageCodec {
  private static final String NAME = "gzip";
  private static final int HEADER = 10;
  private static final int TRAILER = 8;
  private static final int MAGIC = 0x8b1f;
  private static final int HEADER_CRC = 2;
  private static final int EXTRA = 4;
  private static final int FILE_NAME = 8;
  private static final int COMMENT = 16;
  private static final long MAX_RATIO = 1032;

  private final int level;
  private @Nullable Inflater inflater;
  private @Nullable Deflater deflater;

  GzipCodec(@Nullable Integer level) {
    this.level = level == null ? Deflater.DEFAULT_COMPRESSION : level;
  }

  @Override
  void checkPlausible(long source, int length, int targetLength) {
    checkRatio(NAME, length, targetLength, MAX_RATIO);
  }

  @Override
  void decompress(long source, int length, long target, int targetLength) {
    ByteBuffer from = MemoryUtil.directBuffer(source, length).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer to = MemoryUtil.directBuffer(target, targetLength);
    do {
      member(from, to);
    } while (from.hasRemaining());
    if (to.hasRemaining()) {
      throw wrongLength(NAME, targetLength, to.position());
    }
  }

  private void member(ByteBuffer from, ByteBuffer to) {
    skipHeader(from);
    Inflater member = inflater();
    member.reset();
    member.setInput(from);
    int start = to.position();
    try {
      while (!member.finished()) {
        int written = member.inflate(to);
        if (written == 0 && !member.finished()) {
          throw new CorruptPageException(
              "gzip data is cut off, or gives more than the %d bytes of the page header"
                  .formatted(to.capacity()));
        }
      }
    } catch (DataFormatException e) {
      throw damaged(NAME, e);
    }
    checkTrailer(from, to, start);
  }

  private static void checkTrailer(ByteBuffer from, ByteBuffer to, int start) {
    need(from, TRAILER);
    CRC32 crc = new CRC32();
    crc.update(to.duplicate().position(start).limit(to.position()));
    int wanted = from.getInt();
    int length = from.getInt();
    if (wanted != (int) crc.getValue() || length != to.position() - start) {
      throw new CorruptPageException("gzip data is damaged: its checksum or length does not match");
    }
  }

  private static void skipHeader(ByteBuffer from) {
    need(from, HEADER);
    int start = from.position();
    int flags = from.get(start + 3);
    if ((from.getShort(start) & 0xffff) != MAGIC || from.get(start + 2) != Deflater.DEFLATED) {
      throw new CorruptPageException("gzip data is damaged: no gzip header");
    }
    from.position(start + HEADER);
    if ((flags & EXTRA) != 0) {
      need(from, 2);
      skip(from, from.getShort() & 0xffff);
    }
    if ((flags & FILE_NAME) != 0) {
      skipText(from);
    }
    if ((flags & COMMENT) != 0) {
      skipText(from);
    }
    if ((flags & HEADER_CRC) != 0) {
      skip(from, 2);
    }
  }

  private static void skipText(ByteBuffer from) {
    do {
      need(from, 1);
    } while (from.get() != 0);
  }

  private static void skip(ByteBuffer from, int bytes) {
    need(from, bytes);
    from.position(from.position() + bytes);
  }

  private static void need(ByteBuffer from, int bytes) {
    if (from.remaining() < bytes) {
      throw new CorruptPageException("gzip data is cut off");
    }
  }

  private Inflater inflater() {
    Inflater made = inflater;
    if (made == null) {
      made = new Inflater(true);
      inflater = made;
    }
    return made;
  }

  @Override
  public long compressBound(int length) {
    // deflate stores what does not shrink, in blocks of at least 4 KiB with 5 bytes in front
    return HEADER + TRAILER + length + (length >> 9) + 64L;
  }

  @Override
  public int compress(long source, int length, long target, int capacity) {
    checkCapacity(length, capacity);
    Deflater made = deflater;
    if (made == null) {
      made = new Deflater(level, true);
      deflater = made;
    }
    ByteBuffer from = MemoryUtil.directBuffer(source, length);
    ByteBuffer to = MemoryUtil.directBuffer(target, capacity).order(ByteOrder.LITTLE_ENDIAN);
    CRC32 crc = new CRC32();
    crc.update(from.duplicate());
    to.putShort((short) MAGIC).put((byte) Deflater.DEFLATED).put(new byte[7]);
    made.reset();
    made.setInput(from);
    made.finish();
    while (!made.finished()) {
      if (made.deflate(to) == 0 && !made.finished()) {
        throw new IllegalStateException("gzip takes more than the bound for " + length + " bytes");
      }
    }
    to.putInt((int) crc.getValue()).putInt(length);
    return to.position();
  }

  @Override
  public void close() {
    if (inflater != null) {
      inflater.end();
      inflater = null;
    }
    if (deflater != null) {
      deflater.end();
      deflater = null;
    }
  }
}
