package dev.firn.format.parquet.write;

import java.util.zip.CRC32;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.parquet.column.Encoding;

/**
 * Headers of pages, with the checksum of what follows them, in Thrift's compact protocol. Reused:
 * the bytes are valid until the next header. Confined to one thread.
 *
 * @see <a
 *     href="https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift">PageHeader</a>
 */
public final class PageHeaders {
  private static final int DATA_V1 = 0;
  private static final int DICTIONARY = 2;
  private static final int DATA_V2 = 3;
  private static final int I32 = 5;
  private static final int STRUCT = 12;
  private static final int TRUE = 1;
  private static final int FALSE = 2;
  private static final int LEVELS = 3;

  private final byte[] bytes = new byte[128];
  private final CRC32 crc = new CRC32();
  private int length;
  private int lastId;

  /** What both versions of data pages have. Lengths are in bytes, without the header. */
  public record Sizes(int entries, int uncompressed, int compressed) {}

  /** What pages of version 2 have besides. */
  public record Levels(int nulls, int rows, int repetitionBytes, int definitionBytes) {}

  /** The header of a data page of version 1, whose levels are runs. */
  public void dataV1(Sizes sizes, Encoding encoding, long body) {
    start(DATA_V1, sizes, body);
    struct(5);
    number(1, sizes.entries());
    number(2, code(encoding));
    number(3, LEVELS);
    number(4, LEVELS);
    end();
  }

  /** The header of a data page of version 2; {@code compressed} are its values. */
  public void dataV2(Sizes sizes, Levels levels, Encoding encoding, boolean compressed, long body) {
    start(DATA_V2, sizes, body);
    struct(8);
    number(1, sizes.entries());
    number(2, levels.nulls());
    number(3, levels.rows());
    number(4, code(encoding));
    number(5, levels.definitionBytes());
    number(6, levels.repetitionBytes());
    field(7, compressed ? TRUE : FALSE);
    end();
  }

  /** The header of a dictionary page, its entries encoded PLAIN. */
  public void dictionary(Sizes sizes, long body) {
    start(DICTIONARY, sizes, body);
    struct(7);
    number(1, sizes.entries());
    number(2, code(Encoding.PLAIN));
    end();
  }

  private void start(int type, Sizes sizes, long body) {
    length = 0;
    lastId = 0;
    crc.reset();
    crc.update(MemoryUtil.directBuffer(body, sizes.compressed()));
    number(1, type);
    number(2, sizes.uncompressed());
    number(3, sizes.compressed());
    number(4, (int) crc.getValue());
  }

  private void struct(int id) {
    field(id, STRUCT);
    lastId = 0;
  }

  private void end() {
    bytes[length++] = 0;
    bytes[length++] = 0;
  }

  private void number(int id, int value) {
    field(id, I32);
    int rest = value << 1 ^ value >> 31;
    while ((rest & ~0x7F) != 0) {
      bytes[length++] = (byte) (rest & 0x7F | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  private void field(int id, int type) {
    bytes[length++] = (byte) (id - lastId << 4 | type);
    lastId = id;
  }

  private static int code(Encoding encoding) {
    return switch (encoding) {
      case PLAIN -> 0;
      case RLE -> 3;
      case DELTA_BINARY_PACKED -> 5;
      case DELTA_LENGTH_BYTE_ARRAY -> 6;
      case DELTA_BYTE_ARRAY -> 7;
      case RLE_DICTIONARY -> 8;
      case BYTE_STREAM_SPLIT -> 9;
      default -> throw new IllegalArgumentException("no page of today is encoded " + encoding);
    };
  }

  /** The header made last, in the first {@link #length()} bytes. Borrowed. */
  public byte[] bytes() {
    return bytes;
  }

  /** Bytes of the header made last. */
  public int length() {
    return length;
  }
}
