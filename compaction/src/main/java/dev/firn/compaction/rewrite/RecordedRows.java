package dev.firn.compaction.rewrite;

import dev.firn.error.FirnException;
import dev.firn.format.write.RowPlaces;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongPredicate;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BigIntVector;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The row map of any rewrite, written down while it goes on: the origin of each row that was
 * written, 8 bytes each, in a temporary file, which is gone when this is closed or the process
 * dies. Each question reads that file once, from its start. Confined to one thread at a time.
 */
final class RecordedRows implements RowMap, RowPlaces {
  private static final Logger LOG = LoggerFactory.getLogger(RecordedRows.class);
  private static final int BUFFER = 1 << 18;
  private static final int COUNT_BITS = 40;

  private final FileChannel file;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.nativeOrder());
  private final Map<String, Integer> locations = new HashMap<>();
  // Spans of rows that went to one location: its number, and how many in the lower 40 bits.
  private long[] spans = new long[16];
  private int spanCount;
  // By number of location.
  private int @Nullable [] outputs;

  private RecordedRows(FileChannel file) {
    this.file = file;
  }

  /** In a file in {@code directory}; null: the system's for temporary files. */
  static RecordedRows create(@Nullable Path directory) {
    Path parent = directory == null ? Path.of(System.getProperty("java.io.tmpdir")) : directory;
    try {
      Path path = Files.createTempFile(parent, "firn-rows-", ".tmp");
      // Unlinked at once where the system can, so that not even a killed process leaves it.
      return new RecordedRows(
          FileChannel.open(
              path,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE));
    } catch (IOException e) {
      throw FirnException.unavailable(
          "Cannot rewrite files: no temporary file can be made in " + parent + ": " + e, e);
    }
  }

  @Override
  public void written(String location, BigIntVector origins, int from, int count)
      throws IOException {
    count(locations.computeIfAbsent(location, l -> locations.size()), count);
    long address = origins.getDataBuffer().memoryAddress() + (long) from * Long.BYTES;
    for (int done = 0; done < count; ) {
      int fit = Math.min(count - done, buffer.remaining() / Long.BYTES);
      for (int i = 0; i < fit; i++, done++) {
        buffer.putLong(MemoryUtil.getLong(address + (long) done * Long.BYTES));
      }
      if (!buffer.hasRemaining()) {
        drain();
      }
    }
  }

  private void count(int location, long rows) {
    long tag = (long) location << COUNT_BITS;
    int last = spanCount - 1;
    if (last >= 0 && spans[last] >>> COUNT_BITS == location) {
      spans[last] += rows;
      return;
    }
    if (spanCount == spans.length) {
      spans = Arrays.copyOf(spans, 2 * spanCount);
    }
    spans[spanCount++] = tag | rows;
  }

  private void drain() throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      file.write(buffer);
    }
    buffer.clear();
  }

  /** All rows were written, to these files. */
  RecordedRows complete(List<DataFile> written) {
    Map<String, Integer> numbers = new HashMap<>();
    for (DataFile output : written) {
      numbers.put(output.location(), numbers.size());
    }
    int[] found = new int[locations.size()];
    locations.forEach(
        (location, number) -> found[number] = Objects.requireNonNull(numbers.get(location)));
    outputs = found;
    try {
      drain();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  @Override
  public void forEach(int source, PositionDeleteIndex positions, Places places) {
    if (!positions.isEmpty()) {
      forEach(
          origin -> Origin.source(origin) == source && positions.isDeleted(Origin.position(origin)),
          places);
    }
  }

  @Override
  public void forEach(Map<Integer, PositionDeleteIndex> positions, Places places) {
    forEach(
        origin -> {
          PositionDeleteIndex asked = positions.get(Origin.source(origin));
          return asked != null && asked.isDeleted(Origin.position(origin));
        },
        places);
  }

  @Override
  public void forEach(int source, Places places) {
    forEach(origin -> Origin.source(origin) == source, places);
  }

  private void forEach(LongPredicate asked, Places places) {
    int[] numbers = Objects.requireNonNull(outputs, "complete");
    long[] next = new long[numbers.length];
    try {
      long at = 0;
      buffer.clear().limit(0);
      for (int s = 0; s < spanCount; s++) {
        int location = (int) (spans[s] >>> COUNT_BITS);
        long left = spans[s] & ((1L << COUNT_BITS) - 1);
        while (left > 0) {
          if (!buffer.hasRemaining()) {
            at += read(at);
          }
          LongBuffer origins = buffer.asLongBuffer();
          int count = (int) Math.min(left, origins.remaining());
          for (int i = 0; i < count; i++) {
            if (asked.test(origins.get(i))) {
              places.at(numbers[location], next[location] + i);
            }
          }
          next[location] += count;
          left -= count;
          buffer.position(buffer.position() + count * Long.BYTES);
        }
      }
    } catch (IOException e) {
      throw FirnException.unavailable(
          "Cannot read where rows went from a temporary file: " + e.getMessage(), e);
    }
  }

  private int read(long at) throws IOException {
    buffer.clear();
    while (buffer.position() % Long.BYTES != 0 || buffer.position() == 0) {
      if (file.read(buffer, at + buffer.position()) < 0) {
        throw new EOFException("it ends early, at " + (at + buffer.position()));
      }
    }
    buffer.flip();
    return buffer.limit();
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      LOG.warn("Closing a temporary file failed", e);
    }
  }
}
