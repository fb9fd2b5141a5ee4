package dev.firn.format.merge;

import dev.firn.format.parquet.page.CorruptPageException;
import dev.firn.format.parquet.page.StoredPages;
import dev.firn.format.parquet.page.StoredPages.Kind;
import dev.firn.format.parquet.write.BloomFilterBuilder;
import dev.firn.format.parquet.write.FinishedChunk;
import dev.firn.format.parquet.write.Hybrid;
import dev.firn.format.parquet.write.ParquetSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.jspecify.annotations.Nullable;

/**
 * One column of a row group that comes out. Confined to one thread.
 *
 * <p>How it works: a first pass looks at the pages' headers and merges the dictionaries. If the
 * merged one pays, it is written, and a second pass gives the pages of ids those of the merged
 * dictionary; pages of a source whose entries did not fit become plain. All others are copied, or
 * compressed anew where the codec is another.
 */
final class ChunkMerge {
  /** Ids of entries that are kept from pass to pass; those of more are looked up again. */
  private static final long MOST_KEPT_IDS = 2 << 20;

  private final Column column;
  private final List<Unit> units;
  private final ParquetSettings settings;
  private final Worker worker;
  private final ChunkSink sink;
  private final PageDigests digests;
  private final StoredPages pages;
  private final FinishedChunk chunk;
  private final ChunkStatistics statistics;
  private final PageMaker maker;
  private final @Nullable BloomFilterBuilder bloom;
  private final List<Survey> surveys = new ArrayList<>();

  /**
   * What the first pass found of a source.
   *
   * @param pages data pages
   * @param entries of its dictionary
   * @param ids of the entries in the merged dictionary; null: not kept
   * @param hashes of the entries; null: not kept
   * @param merged whether its entries are in the merged dictionary
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Survey(
      int pages, int entries, int @Nullable [] ids, long @Nullable [] hashes, boolean merged) {}

  ChunkMerge(
      Column column,
      List<Unit> units,
      Layout layout,
      Worker worker,
      ChunkSink sink,
      Floats floats,
      PageDigests digests) {
    this.column = column;
    this.units = units;
    this.settings = layout.settings();
    this.worker = worker;
    this.sink = sink;
    this.digests = digests;
    this.pages = worker.pages;
    this.chunk = new FinishedChunk(column.descriptor(), settings.codec());
    this.statistics = new ChunkStatistics(column, floats, worker.allocator);
    this.maker = new PageMaker(column, worker, sink, chunk);
    this.bloom =
        column.bloom() == null
            ? null
            : new BloomFilterBuilder(column.bloom(), settings.bloomFilterMaxBytes());
  }

  void run() {
    try (MergedDictionary dictionary =
        new MergedDictionary(column.width(), settings.dictionaryBytes(), worker.allocator)) {
      boolean pays = survey(dictionary);
      if (pays) {
        maker.dictionary(dictionary);
      }
      for (int i = 0; i < units.size(); i++) {
        copy(units.get(i), surveys.get(i), pays ? dictionary : null);
      }
    }
    chunk.statistics(statistics.finish());
    if (bloom != null) {
      chunk.bloomFilter(bloom.build());
    }
    sink.finish(chunk);
  }

  /** The first pass; returns whether the merged dictionary pays. */
  private boolean survey(MergedDictionary dictionary) {
    long values = 0;
    long kept = 0;
    for (Unit unit : units) {
      if (unit.chunk(column) == null) {
        surveys.add(new Survey(0, 0, null, null, false));
        continue;
      }
      Counts found = new Counts();
      attempt(unit, () -> found.read(dictionary));
      boolean keep = found.ids != null && kept + found.entries <= MOST_KEPT_IDS;
      kept += keep ? found.entries : 0;
      values += found.ids == null ? 0 : found.values;
      surveys.add(
          new Survey(
              found.pages,
              found.entries,
              keep ? found.ids : null,
              keep ? found.hashes : null,
              found.ids != null));
    }
    return values > 0 && pays(dictionary, values);
  }

  /** Whether entries and ids are smaller than the values, neither compressed. */
  private boolean pays(MergedDictionary dictionary, long values) {
    long entries = dictionary.plainBytes();
    long ids = values * Math.max(1, Hybrid.width(dictionary.size() - 1)) / 8;
    double each = (double) entries / Math.max(1, dictionary.size());
    return entries + ids < each * values;
  }

  /** Of one source. */
  private final class Counts {
    private int pages;
    private int entries;
    private long values;
    private int @Nullable [] ids;
    private long @Nullable [] hashes;

    void read(MergedDictionary dictionary) {
      while (ChunkMerge.this.pages.next()) {
        StoredPages page = ChunkMerge.this.pages;
        if (page.kind() == Kind.DICTIONARY) {
          entries = page.entries();
          ids = dictionary.add(page.content(), page.uncompressedLength(), entries);
          hashes = ids == null ? null : PageDigest.entries(page.content(), entries, column.width());
          if (bloom != null) {
            bloom.add(page.content(), entries, column.width());
          }
        } else {
          pages++;
          values += page.encoding() == Encoding.RLE_DICTIONARY ? page.entries() : 0;
        }
      }
    }
  }

  /** The second pass over a source; {@code dictionary} null: there is none. */
  private void copy(Unit unit, Survey survey, @Nullable MergedDictionary dictionary) {
    ColumnChunkMetaData stored = unit.chunk(column);
    if (stored == null) {
      new LineagePages(column, unit, maker, statistics, digests).write(settings.pageRows());
      return;
    }
    Facts facts = Facts.of(unit, column, stored, survey.pages());
    statistics.add(unit, stored, facts);
    boolean sameCodec = stored.getCodec() == settings.codec();
    attempt(
        unit,
        () -> {
          Remap remap = new Remap(survey, survey.merged() ? dictionary : null);
          int page = 0;
          long rows = 0;
          while (pages.next()) {
            if (pages.kind() == Kind.DICTIONARY) {
              remap.dictionary();
            } else {
              rows += page(unit, facts, page++, survey.pages() == 1, sameCodec, remap);
            }
          }
          if (rows != unit.rows()) {
            throw new CorruptPageException(
                "the pages have %d rows, the row group %d".formatted(rows, unit.rows()));
          }
        });
  }

  private long page(
      Unit unit, Facts facts, int number, boolean sole, boolean sameCodec, Remap remap) {
    long rows = sole ? unit.rows() : pages.rows();
    if (!sole && (!pages.levelsAreRuns() || !pages.startsRow())) {
      throw new RefusedException(
          "pages of column %s begin within rows [%s]"
              .formatted(column.name(), unit.source().location()));
    }
    PageMaker.About about =
        new PageMaker.About(
            rows, column.unmeasured() ? null : facts.page(number), facts.sizes(number));
    if (pages.encoding() == Encoding.RLE_DICTIONARY) {
      remap.page(about, sameCodec);
      return rows;
    }
    filter(unit);
    boolean asStored = sameCodec || isStored();
    maker.copy(about, asStored);
    digests.add(
        asStored ? PageDigest.Kind.STORED : PageDigest.Kind.CONTENT,
        asStored ? PageDigest.stored(pages) : PageDigest.content(pages));
    return rows;
  }

  /** Whether nothing of the page is compressed, as its header says. */
  private boolean isStored() {
    return pages.kind() == Kind.DATA_V2 && !pages.compressed();
  }

  /** Adds the values of a page to the bloom filter. */
  private void filter(Unit unit) {
    if (bloom == null) {
      return;
    }
    if (pages.encoding() != Encoding.PLAIN || !pages.levelsAreRuns()) {
      throw new RefusedException(
          "the bloom filter of column %s cannot be made without decoding %s [%s]"
              .formatted(column.name(), pages.encoding(), unit.source().location()));
    }
    int levels = pages.levelLength();
    long values = pages.content() + levels;
    int count = pages.values();
    PlainEntries.check(values, pages.uncompressedLength() - levels, count, column.width());
    bloom.add(values, count, column.width());
  }

  /** Turns one source's ids into those of the merged dictionary, or into plain values. */
  private final class Remap {
    private final int entries;
    private final @Nullable MergedDictionary dictionary;
    private int @Nullable [] ids;
    private long @Nullable [] hashes;
    private boolean identical;
    private int @Nullable [] starts;

    Remap(Survey survey, @Nullable MergedDictionary dictionary) {
      this.entries = survey.entries();
      this.dictionary = dictionary;
      this.ids = survey.ids();
      this.hashes = survey.hashes();
      this.identical = isIdentical();
    }

    private boolean isIdentical() {
      int[] known = ids;
      if (known == null) {
        return false;
      }
      for (int i = 0; i < known.length; i++) {
        if (known[i] != i) {
          return false;
        }
      }
      return true;
    }

    /** Called with the dictionary page: what was not kept of it is made again. */
    void dictionary() {
      if (dictionary == null) {
        int length = pages.uncompressedLength();
        PlainEntries.check(pages.content(), length, entries, column.width());
        MemoryUtil.copyMemory(pages.content(), worker.entries.ensure(length, 0), length);
        starts = column.width() > 0 ? null : PlainEntries.starts(worker.entries.address(), entries);
      } else if (ids == null) {
        ids = dictionary.ids(pages.content(), pages.uncompressedLength(), entries);
        identical = isIdentical();
      }
      if (hashes == null) {
        hashes = PageDigest.entries(pages.content(), entries, column.width());
      }
    }

    void page(PageMaker.About about, boolean sameCodec) {
      if (!pages.levelsAreRuns()) {
        throw new RefusedException("levels of column %s are not in runs".formatted(column.name()));
      }
      int count = pages.values();
      int[] page = worker.ids(count);
      int greatest = pages.ids(count, entries, page);
      long[] known = Objects.requireNonNullElseGet(hashes, () -> new long[0]);
      digests.add(PageDigest.Kind.VALUES, PageDigest.values(pages, page, count, known));
      if (identical && dictionary != null && sameCodec) {
        maker.copy(about, true);
        return;
      }
      if (dictionary == null) {
        maker.plain(about, page, count, column.width(), starts);
        return;
      }
      int[] merged = ids;
      if (merged == null && greatest >= 0) {
        throw new IllegalStateException("a merged dictionary lost its entries");
      }
      int most = 0;
      for (int i = 0; merged != null && i < count; i++) {
        page[i] = merged[page[i]];
        most = Math.max(most, page[i]);
      }
      maker.ids(about, page, count, Math.max(1, Hybrid.width(most)));
    }
  }

  private void attempt(Unit unit, Runnable action) {
    pages.open(unit.spec(column), unit.bytes(column));
    try {
      action.run();
    } catch (RefusedException | OutOfMemoryException e) {
      throw e;
    } catch (CorruptPageException e) {
      throw pages.corrupt(e);
    }
  }
}
