package dev.firn.format.merge;

import dev.firn.format.parquet.write.FinishedChunk;
import dev.firn.format.parquet.write.Hybrid;
import dev.firn.format.parquet.write.PageHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.iceberg.DataFile;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.statistics.SizeStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.schema.PrimitiveType;

/**
 * The row ids, or the sequence numbers, that the rows of a source inherit, as pages: numbers one
 * step apart, DELTA_BINARY_PACKED. Confined to one thread.
 *
 * @see <a href="https://iceberg.apache.org/spec/#row-lineage">Row lineage</a>
 */
final class LineagePages {
  private static final int BLOCK = 128;
  private static final int MINIS = 4;

  private final Column column;
  private final Unit unit;
  private final PageMaker maker;
  private final ChunkStatistics statistics;
  private final PageDigests digests;
  private final long first;
  private final int step;

  LineagePages(
      Column column, Unit unit, PageMaker maker, ChunkStatistics statistics, PageDigests digests) {
    this.column = column;
    this.unit = unit;
    this.maker = maker;
    this.statistics = statistics;
    this.digests = digests;
    DataFile file = unit.source().file();
    boolean ids = column.lineage() == Column.Lineage.ROW_ID;
    this.step = ids ? 1 : 0;
    this.first =
        ids
            ? Objects.requireNonNull(file.firstRowId()) + unit.firstRow()
            : Objects.requireNonNull(file.dataSequenceNumber());
  }

  /** Writes pages of at most {@code most} rows. */
  void write(int most) {
    for (long row = 0; row < unit.rows(); row += most) {
      page(first + step * row, (int) Math.min(most, unit.rows() - row));
    }
  }

  private void page(long from, int count) {
    Worker worker = maker.worker();
    long to = worker.page.ensure(64 + (count / BLOCK + 1L) * 16, 0);
    long values = levels(count, to);
    int length = (int) (numbers(from, count, values) - to);
    int compressed = worker.compress(to, length, 0);
    long body = worker.compressed.address();
    PageHeaders headers = worker.headers;
    headers.dataV1(
        new PageHeaders.Sizes(count, length, compressed), Encoding.DELTA_BINARY_PACKED, body);
    Statistics<?> bounds = statistics(from, from + (long) step * (count - 1));
    statistics.add(bounds);
    digests.add(PageDigest.Kind.NUMBERS, PageDigest.numbers(from, step, count));
    maker.made(
        new FinishedChunk.Page(
            worker.sum(headers.bytes(), headers.length()),
            new FinishedChunk.Size(headers.length(), compressed, length),
            count,
            count,
            Encoding.DELTA_BINARY_PACKED,
            false,
            column.unmeasured() ? null : bounds,
            sizes()),
        headers.bytes(),
        headers.length(),
        body,
        compressed);
  }

  /** No row is null: one run. */
  private static long levels(int count, long to) {
    long at = Hybrid.varint((long) count << 1, to + Integer.BYTES);
    MemoryUtil.putByte(at++, (byte) 1);
    MemoryUtil.putInt(to, (int) (at - to) - Integer.BYTES);
    return at;
  }

  private long numbers(long from, int count, long to) {
    long at = Hybrid.varint(BLOCK, to);
    at = Hybrid.varint(MINIS, at);
    at = Hybrid.varint(count, at);
    at = Hybrid.varint(from << 1 ^ from >> 63, at);
    for (int done = 1; done < count; done += BLOCK) {
      at = Hybrid.varint((long) step << 1, at);
      MemoryUtil.putInt(at, 0); // no bits: every difference is the least
      at += MINIS;
    }
    return at;
  }

  private Statistics<?> statistics(long least, long greatest) {
    return Statistics.getBuilderForReading(type())
        .withMin(bytes(least))
        .withMax(bytes(greatest))
        .withNumNulls(0)
        .build();
  }

  private PrimitiveType type() {
    return column.descriptor().getPrimitiveType();
  }

  private static byte[] bytes(long value) {
    byte[] bytes = new byte[Long.BYTES];
    for (int i = 0; i < Long.BYTES; i++) {
      bytes[i] = (byte) (value >>> Byte.SIZE * i);
    }
    return bytes;
  }

  private SizeStatistics sizes() {
    List<Long> none = new ArrayList<>();
    return new SizeStatistics(type(), 0, none, new ArrayList<>());
  }
}
