package dev.firn.format.parquet.checksum;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.hadoop.metadata.IndexReference;
import org.jspecify.annotations.Nullable;

/** What the parts of one file must sum up to, footer and page bodies aside. Immutable. */
public final class FileSums {
  /** Those of a file that has none. */
  public static final FileSums NONE = new FileSums();

  /** The footer's length and the magic. */
  static final int TRAILER = 8;

  /** What a chunk takes besides the sums of its pages. */
  static final int CHUNK_BYTES = 5 * Integer.BYTES;

  private record Part(int length, int sum) {}

  private final TreeMap<Long, Part> parts = new TreeMap<>();
  private final Map<Long, int[]> headers = new HashMap<>();

  private FileSums() {}

  /** Parses the section of a file with these row groups. Fails where it is not what was written. */
  public static FileSums parse(byte[] section, FooterSum expected, List<BlockMetaData> groups) {
    if (sum(ByteBuffer.wrap(section)) != expected.section()) {
      throw new IllegalArgumentException("the checksum of its checksums does not match");
    }
    FileSums sums = new FileSums();
    ByteBuffer in = ByteBuffer.wrap(section).order(ByteOrder.LITTLE_ENDIAN);
    for (BlockMetaData group : groups) {
      for (ColumnChunkMetaData chunk : group.getColumns()) {
        sums.add(chunk, in);
      }
    }
    return sums;
  }

  private void add(ColumnChunkMetaData chunk, ByteBuffer in) {
    add(chunk.getColumnIndexReference(), in.getInt());
    add(chunk.getOffsetIndexReference(), in.getInt());
    add(chunk.getBloomFilterOffset(), chunk.getBloomFilterLength(), in.getInt());
    long dictionary = chunk.getDictionaryPageOffset();
    add(dictionary, (int) (chunk.getFirstDataPageOffset() - dictionary), in.getInt());
    int[] pages = new int[Math.min(in.getInt(), in.remaining() / Integer.BYTES)];
    in.asIntBuffer().get(pages);
    in.position(in.position() + pages.length * Integer.BYTES);
    headers.put(chunk.getStartingPos(), pages);
  }

  private void add(@Nullable IndexReference at, int sum) {
    if (at != null) {
      add(at.getOffset(), at.getLength(), sum);
    }
  }

  private void add(long offset, int length, int sum) {
    if (sum != 0) {
      parts.put(offset, new Part(length, sum));
    }
  }

  /** The CRC-32C of what is left in {@code bytes}, which stay as they are. */
  public static int sum(ByteBuffer bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes.duplicate());
    return (int) sum.getValue();
  }

  /** Whether all of an index, bloom filter or dictionary page starts here, and has that length. */
  public boolean isPart(long offset, int length) {
    Part part = parts.get(offset);
    return part != null && part.length() == length;
  }

  /** Whether {@code bytes} are those of the part at {@code offset}, if it is one. */
  public boolean matches(long offset, ByteBuffer bytes) {
    Part part = parts.get(offset);
    return part == null || part.length() != bytes.remaining() || part.sum() == sum(bytes);
  }

  /** Whether a piece of a part is read, which cannot be checked by itself. */
  public boolean isPiece(long offset, int length) {
    Map.Entry<Long, Part> part = parts.floorEntry(offset);
    return part != null
        && offset < part.getKey() + part.getValue().length()
        && !isPart(offset, length);
  }

  /** The sums of the page headers of the chunk that starts here, 0: not known; or none. */
  public int[] headers(long chunkStart) {
    return headers.getOrDefault(chunkStart, NO_HEADERS);
  }

  private static final int[] NO_HEADERS = new int[0];

  /** About what it takes in memory. */
  public long heapBytes() {
    long pages = headers.values().stream().mapToLong(each -> each.length).sum();
    return 100L * (parts.size() + headers.size()) + pages * Integer.BYTES;
  }
}
