package dev.firn.format.parquet.write;

import org.apache.parquet.column.Encoding;
import org.jspecify.annotations.Nullable;

/**
 * How a column's pages are encoded and compressed: decided at the first page of the file that has
 * values, by what it compresses to each way, and again if the dictionary outgrows its limit.
 */
final class EncodingChoice {
  // How far ahead, in pages like the first one, a dictionary must pay for its own page.
  private static final double HORIZON = 10;
  // Below, the choice matters little, and what it would be made by even less.
  private static final int FEW = 500;
  // A dictionary of so few entries is taken without a trial.
  private static final int CLEAR = 16;
  // How much smaller a file must get for an encoding that is not every reader's fastest.
  private static final double WORTH = 0.9;
  // How much larger a page may get for the time that its compression takes.
  private static final double AS_GOOD = 1.002;

  private Encoding encoding = Encoding.RLE_DICTIONARY;
  private boolean lightly;
  private boolean made;
  private boolean firm;

  /** The encoding of pages from now on. */
  Encoding encoding() {
    return encoding;
  }

  /** Whether values become ids. */
  boolean dictionary() {
    return encoding == Encoding.RLE_DICTIONARY;
  }

  /** Whether pages are as small if they are compressed in less time. */
  boolean lightly() {
    return lightly;
  }

  /** Decides by a full page, if that has not been done. */
  void make(PageLevels levels, ColumnValues values, Workbench bench) {
    int n = values.count();
    if (made || n == 0) {
      return;
    }
    ValueDictionary entries = values.dictionary();
    made = true;
    lightly = false;
    firm = n >= FEW;
    if (entries != null && entries.size() * CLEAR <= n) {
      encoding = Encoding.RLE_DICTIONARY;
      return;
    }
    boolean hopeful = entries != null && ahead(entries, values) < HORIZON * values.plainBytes();
    Encoding other = other(values.kind());
    if (!firm || !hopeful && other == null) {
      encoding = hopeful ? Encoding.RLE_DICTIONARY : Encoding.PLAIN;
    } else {
      trial(levels, values, bench, hopeful ? entries : null);
    }
  }

  private void trial(
      PageLevels levels, ColumnValues values, Workbench bench, @Nullable ValueDictionary entries) {
    PageEncoder encoder = new PageEncoder(levels, values, bench);
    double plain = size(encoder, Encoding.PLAIN, bench, false);
    double best = plain;
    encoding = Encoding.PLAIN;
    if (entries != null) {
      double ratio = Math.min(1, plain / Math.max(1, values.plainBytes()));
      double ids = size(encoder, Encoding.RLE_DICTIONARY, bench, false) * widening(entries, values);
      double total = ids + dictionaryPage(entries, values) * ratio / HORIZON;
      if (total < plain) {
        best = total;
        encoding = Encoding.RLE_DICTIONARY;
      }
    }
    Encoding other = other(values.kind());
    if (other != null && size(encoder, other, bench, false) < WORTH * best) {
      encoding = other;
    }
    lightly =
        size(encoder, encoding, bench, true) <= AS_GOOD * size(encoder, encoding, bench, false);
  }

  private static int size(
      PageEncoder encoder, Encoding encoding, Workbench bench, boolean lightly) {
    encoder.encode(encoding);
    int length = Math.toIntExact(encoder.length());
    return bench.compress(bench.page.address(), length, 0, lightly);
  }

  /** What there is besides a dictionary and PLAIN. */
  private static @Nullable Encoding other(ValueKind kind) {
    return switch (kind) {
      case INT, LONG -> Encoding.DELTA_BINARY_PACKED;
      case FLOAT, DOUBLE -> Encoding.BYTE_STREAM_SPLIT;
      case BOOLEAN, BINARY, FIXED, SIGNED_FIXED -> null;
    };
  }

  /** The bytes of a dictionary and its ids at the horizon, not compressed. */
  private static double ahead(ValueDictionary entries, ColumnValues values) {
    double far = values.count() * HORIZON;
    return dictionaryPage(entries, values)
        + far * Math.max(1, Hybrid.width(entriesAhead(entries, values) - 1)) / 8;
  }

  private static double dictionaryPage(ValueDictionary entries, ColumnValues values) {
    return (double) entries.plainBytes() / entries.size() * entriesAhead(entries, values);
  }

  /** How much wider ids get by the horizon. */
  private static double widening(ValueDictionary entries, ColumnValues values) {
    return (double) Math.max(1, Hybrid.width(entriesAhead(entries, values) - 1))
        / Math.max(1, Hybrid.width(entries.size() - 1));
  }

  /**
   * How many entries there are at the horizon, if new ones go on to get rarer as they did from the
   * first half of the page, the dictionary's first, to the second: exact both for values drawn at
   * random from so many and for values that are never met again.
   */
  private static int entriesAhead(ValueDictionary entries, ColumnValues values) {
    int[] ids = values.ids();
    int half = values.count() / 2;
    int before = 0;
    for (int i = 0; i < half; i++) {
      before = Math.max(before, ids[i] + 1);
    }
    int all = entries.size();
    if (before == 0) {
      return all;
    }
    double decay = Math.min(1, (double) (all - before) / before);
    double halves = 2 * HORIZON;
    double then =
        decay > 0.9999 ? before * halves : before * (1 - Math.pow(decay, halves)) / (1 - decay);
    return (int) Math.max(all, Math.min(Integer.MAX_VALUE, then));
  }

  /** The dictionary is full: pages go without, and the next one decides how. */
  void outgrown() {
    encoding = Encoding.PLAIN;
    made = false;
    firm = true;
  }

  /** A chunk ended: what was decided by a few values is open again. */
  void nextChunk() {
    if (!firm) {
      encoding = Encoding.RLE_DICTIONARY;
      made = false;
    }
  }
}
