package dev.firn.format.parquet.write;

import dev.firn.error.FirnException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.FieldMetrics;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.statistics.SizeStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.schema.PrimitiveType;
import org.jspecify.annotations.Nullable;

/**
 * One column of the file: fills a page, compresses it when full, and holds the chunk until its row
 * group is written. Confined to one thread at a time. Owns its memory.
 *
 * <p>How it works: the first page of each chunk is filled with dictionary ids. When it is full,
 * {@link EncodingChoice} says whether the dictionary pays; if not, this page and all others hold
 * plain or delta values. A dictionary that outgrows its limit ends with the rows before.
 */
final class ColumnWriter implements AutoCloseable {
  // What a reader can hold in one array.
  private static final long LONGEST_PAGE = Integer.MAX_VALUE - 1024;

  // What a page's statistics and their objects take on the heap, about.
  private static final long PAGE_OBJECTS = 400;

  private final Leaf leaf;
  private final PrimitiveType type;
  private final ParquetSettings settings;
  private final boolean measured;
  private final PageLevels levels;
  private final ColumnValues values;
  private final PageStore store;
  private final EncodingChoice choice;
  private final FloatMeter meter;
  private final @Nullable BloomFilterBuilder bloom;
  private final LengthEstimate estimate;
  private final List<StoredPage> pages = new ArrayList<>();
  private int pageRows;
  private long entries;
  private boolean nanInChunk;
  private int dictionaryPages;
  private StoredPage.@Nullable Entries dictionaryPage;

  ColumnWriter(Leaf leaf, ParquetSettings settings, BufferAllocator allocator) {
    this.leaf = leaf;
    this.type = leaf.descriptor().getPrimitiveType();
    this.settings = settings;
    this.measured = !settings.unmeasured().contains(leaf.name());
    this.levels = new PageLevels(leaf, settings.pageVersion());
    this.values = new ColumnValues(leaf, settings.dictionaryBytes(), allocator);
    this.store = new PageStore(allocator);
    this.choice = new EncodingChoice();
    this.meter = new FloatMeter(leaf);
    Double probability = settings.bloomFilters().get(leaf.name());
    this.bloom =
        probability == null || values.kind() == ValueKind.BOOLEAN
            ? null
            : new BloomFilterBuilder(probability, settings.bloomFilterMaxBytes());
    this.estimate = new LengthEstimate(leaf, settings);
    values.start(choice.dictionary());
  }

  /** Adds {@code count} rows from {@code from}. A null in a required column is {@code INVALID}. */
  void append(VectorSchemaRoot batch, int from, int count, Workbench bench) {
    FieldVector[] vectors = BatchCheck.vectors(leaf, batch, from + count);
    FieldVector vector = vectors[vectors.length - 1];
    int row = from;
    int end = from + count;
    try {
      while (row < end) {
        int fit = rowsThatFit(vectors, row, end - row);
        if (fit == 0) {
          finishPage(bench);
          continue;
        }
        if (!piece(vectors, vector, row, fit, bench)) {
          finishPage(bench);
          values.dropDictionary();
          choice.outgrown();
          continue;
        }
        row += fit;
        pageRows += fit;
        if (pageRows >= settings.pageRows() || values.size() >= settings.pageBytes()) {
          finishPage(bench);
        }
      }
    } catch (NullFoundException e) {
      throw FirnException.invalid(
          "Cannot write rows: required column "
              + e.column()
              + " is null in row "
              + e.row()
              + " of the batch, expected a value");
    }
  }

  /** Adds rows that fit into the page; false, and nothing is added, if the dictionary is full. */
  private boolean piece(
      FieldVector[] vectors, FieldVector vector, int row, int rows, Workbench bench)
      throws NullFoundException {
    Run run = bench.run;
    if (!leaf.flat()) {
      Leveler leveler = bench.leveler;
      leveler.expand(leaf, vectors, row, rows);
      run.list(leveler.slots(), leveler.values());
      if (!values.add(vector, run, bench)) {
        return false;
      }
      levels.add(leveler);
      return true;
    }
    boolean unset = vector.getValidityBuffer().capacity() == 0;
    long bitmap = unset ? 0 : vector.getValidityBuffer().memoryAddress();
    int valid = unset ? rows : Bits.ones(bitmap, row, rows);
    if (valid == rows) {
      run.range(row, rows);
    } else if (leaf.steps().get(0).optional()) {
      int[] slots = bench.slots(rows);
      run.list(slots, Bits.positions(bitmap, row, rows, slots));
    } else {
      throw new NullFoundException(leaf.name(), firstNull(bitmap, row));
    }
    if (!values.add(vector, run, bench)) {
      return false;
    }
    levels.add(bitmap, row, rows, valid);
    return true;
  }

  private static int firstNull(long bitmap, int row) {
    int at = row;
    while (Bits.get(bitmap, at)) {
      at++;
    }
    return at;
  }

  /** How many of {@code most} rows fit into the page; at least one into an empty page. */
  private int rowsThatFit(FieldVector[] vectors, int row, int most) {
    int rows = Math.min(most, settings.pageRows() - pageRows);
    long room = settings.pageBytes() - values.size();
    int least = pageRows == 0 ? 1 : 0;
    if (bytes(vectors, row, rows) <= room) {
      return rows;
    }
    int fits = 0;
    int tooMany = rows;
    while (tooMany - fits > 1) {
      int middle = (fits + tooMany) >>> 1;
      if (bytes(vectors, row, middle) <= room) {
        fits = middle;
      } else {
        tooMany = middle;
      }
    }
    return Math.max(least, fits);
  }

  /** About how many bytes the rows take towards the page's limit, nulls counted as values. */
  private long bytes(FieldVector[] vectors, int row, int rows) {
    int first = Leveler.firstSlot(leaf, vectors, row);
    int end = Leveler.firstSlot(leaf, vectors, row + rows);
    long slots = (long) end - first;
    if (values.dictionary() != null) {
      return 4 * slots;
    }
    return switch (values.kind()) {
      case BOOLEAN -> slots / 8;
      case BINARY -> {
        BinarySource source = ColumnValues.source(vectors[vectors.length - 1]);
        yield slots == 0 ? 0 : 4 * slots + source.start(end) - source.start(first);
      }
      default -> slots * values.width();
    };
  }

  private void finishPage(Workbench bench) {
    if (pageRows == 0) {
      return;
    }
    values.range(bench);
    Statistics<?> statistics =
        measured
            ? bench.range.statistics(type, values.kind(), levels.nulls())
            : Statistics.getBuilderForReading(type).build();
    estimate.bound(bench.range.boundBytes());
    if (values.kind().floating()) {
      long nans = values.nans(bench);
      nanInChunk |= nans > 0;
      meter.add(values.count(), levels.ownNulls(), nans, bench.range);
    }
    SizeStatistics sizes =
        new SizeStatistics(
            type,
            values.kind() == ValueKind.BINARY ? values.plainBytes() - 4L * values.count() : 0,
            levels.repetitionHistogram(),
            levels.definitionHistogram());
    choice.make(levels, values, bench);
    store(bench, statistics, sizes);
    entries += levels.entries();
    pageRows = 0;
    levels.clear();
    values.clear();
    if (!choice.dictionary()) {
      values.dropDictionary();
    }
  }

  private void store(Workbench bench, Statistics<?> statistics, SizeStatistics sizes) {
    PageEncoder encoder = new PageEncoder(levels, values, bench);
    Encoding encoding = encoder.encode(choice.encoding());
    if (encoding.usesDictionary()) {
      dictionaryPages++;
    } else if (bloom != null && values.count() > 0) {
      bloom.add(encoder.plain(), values.count(), values.width());
    }
    int length = length(encoder.length());
    boolean apart = settings.pageVersion() == WriterVersion.PARQUET_2_0;
    int levelBytes = apart ? encoder.levelBytes() : 0;
    int compressed = bench.compress(bench.page.address(), length, levelBytes, choice.lightly());
    long address = store.add(bench.compressed.address(), compressed);
    estimate.page(compressed, length);
    pages.add(
        new StoredPage(
            address,
            compressed,
            length,
            levels.repetitionBytes(),
            levelBytes,
            levels.entries(),
            levels.nulls(),
            pageRows,
            encoding,
            statistics,
            sizes));
  }

  /** The length of a page as readers hold it. One that none could is {@code INVALID}. */
  private int length(long bytes) {
    if (bytes > LONGEST_PAGE) {
      throw FirnException.invalid(
          "Cannot write rows: a row of column "
              + leaf.name()
              + " is too long for a page, expected at most "
              + LONGEST_PAGE
              + " bytes, got "
              + bytes);
    }
    return (int) bytes;
  }

  /** Ends the column chunk, so that {@link #writeTo} can follow. */
  void finishChunk(Workbench bench) {
    finishPage(bench);
    ValueDictionary entries = values.anyDictionary();
    if (dictionaryPages == 0 || entries == null) {
      return;
    }
    int length = Math.toIntExact(entries.plainBytes());
    entries.plainAll(bench.page.ensure(length, 0));
    if (bloom != null) {
      bloom.add(bench.page.address(), entries.size(), values.width());
    }
    int compressed = bench.compress(bench.page.address(), length);
    long address = store.add(bench.compressed.address(), compressed);
    estimate.dictionary(compressed, length);
    dictionaryPage = new StoredPage.Entries(address, compressed, length, entries.size());
  }

  /** Writes the column chunk and starts the next one. */
  void writeTo(ParquetFileWriter file, PageCopy copy, PageSums sums) throws IOException {
    sums.startChunk();
    file.startColumn(leaf.descriptor(), entries, settings.codec());
    StoredPage.Entries first = dictionaryPage;
    if (first != null) {
      sums.startPage();
      file.writeDictionaryPage(
          new DictionaryPage(
              copy.of(first.address(), first.compressed()),
              first.uncompressed(),
              first.count(),
              Encoding.PLAIN));
      sums.endDictionary(copy, first.compressed());
    }
    for (StoredPage page : pages) {
      sums.startPage();
      if (settings.pageVersion() == WriterVersion.PARQUET_1_0) {
        writePage(file, page, copy);
      } else {
        writePageV2(file, page, copy);
      }
      sums.endPage(page.compressed());
    }
    if (nanInChunk && measured) {
      file.invalidateStatistics(nullsOnly());
    }
    file.endColumn();
    if (bloom != null) {
      file.addBloomFilter(String.join(".", leaf.descriptor().getPath()), bloom.build());
    }
    reset();
  }

  private static void writePage(ParquetFileWriter file, StoredPage page, PageCopy copy)
      throws IOException {
    file.writeDataPage(
        page.entries(),
        page.uncompressed(),
        copy.of(page.address(), page.compressed()),
        page.statistics(),
        page.rows(),
        Encoding.RLE,
        Encoding.RLE,
        page.encoding(),
        null,
        null,
        page.sizes());
  }

  private static void writePageV2(ParquetFileWriter file, StoredPage page, PageCopy copy)
      throws IOException {
    copy.of(page.address(), page.compressed());
    int levelBytes = page.levelBytes();
    file.writeDataPageV2(
        page.rows(),
        page.nulls(),
        page.entries(),
        copy.part(0, page.repetitionBytes()),
        copy.part(page.repetitionBytes(), levelBytes),
        page.encoding(),
        copy.part(levelBytes, page.compressed()),
        page.compressed() > levelBytes,
        page.uncompressed() - levelBytes,
        page.statistics(),
        null,
        null,
        page.sizes());
  }

  // A NaN is no bound, and bounds without it would let readers prune it that order it last.
  private Statistics<?> nullsOnly() {
    long nulls = 0;
    for (StoredPage page : pages) {
      nulls += page.statistics().getNumNulls();
    }
    return Statistics.getBuilderForReading(type).withNumNulls(nulls).build();
  }

  private void reset() {
    estimate.written();
    store.clear();
    pages.clear();
    entries = 0;
    nanInChunk = false;
    dictionaryPages = 0;
    dictionaryPage = null;
    choice.nextChunk();
    values.start(choice.dictionary());
  }

  /** Bytes of the chunk as Iceberg's writer counts them: compressed pages, and what waits. */
  long buffered() {
    ValueDictionary entries = values.dictionary();
    return store.bytes() + values.size() + (entries == null ? 0 : entries.plainBytes());
  }

  /** What the chunk, if it ended now, would add to the file, and the column to its footer. */
  long estimate() {
    ValueDictionary entries = dictionaryPages > 0 ? values.anyDictionary() : values.dictionary();
    return store.bytes() + estimate.pending(values, entries, pages.size()) + estimate.footer();
  }

  /** Iceberg's count of the column's NaNs, and its bounds; null where Iceberg's writer has none. */
  @Nullable FieldMetrics<?> metrics() {
    return leaf.measured() ? meter.metrics() : null;
  }

  /** Lets go of the memory of an empty chunk. */
  void release() {
    values.release();
  }

  /** Bytes on the heap; native memory is the allocator's to count. */
  long heapBytes() {
    return values.heapBytes()
        + levels.heapBytes()
        + PAGE_OBJECTS * pages.size()
        + (bloom == null ? 0 : bloom.heapBytes());
  }

  @Override
  public void close() {
    values.close();
    store.close();
  }
}
