package dev.firn.format.parquet.write;

import org.apache.parquet.column.Encoding;
import org.jspecify.annotations.Nullable;

/**
 * How a column's pages are encoded: decided at the first page of the file that has values, by what
 * it compresses to each way, and again if the dictionary outgrows its limit.
 */
final class EncodingChoice {
  // How far ahead, in pages like the first one, a dictionary must pay for its own page.
  private static final int HORIZON = 10;
  // Below, the choice matters little, and what it would be made by even less.
  private static final int FEW = 500;
  // A dictionary of so few entries is taken without a trial.
  private static final int CLEAR = 16;
  // How much smaller a file must get for an encoding that is not every reader's fastest.
  private static final double WORTH = 0.9;

  private Encoding encoding = Encoding.RLE_DICTIONARY;
  private boolean made;

  /** The encoding of pages from now on. */
  Encoding encoding() {
    return encoding;
  }

  /** Whether values become ids. */
  boolean dictionary() {
    return encoding == Encoding.RLE_DICTIONARY;
  }

  /** Decides by a full page, if that has not been done. */
  void make(PageLevels levels, ColumnValues values, Bench bench) {
    int n = values.count();
    if (made || n == 0) {
      return;
    }
    ValueDictionary entries = values.dictionary();
    made = n >= FEW;
    if (entries != null && entries.size() * CLEAR <= n) {
      encoding = Encoding.RLE_DICTIONARY;
      return;
    }
    double dictionary = entries == null ? Double.POSITIVE_INFINITY : ahead(entries, values);
    boolean hopeless = dictionary > 2.0 * HORIZON * values.plainBytes();
    Encoding other = other(values.kind());
    if (!made || other == null && hopeless) {
      encoding =
          dictionary < (double) HORIZON * values.plainBytes()
              ? Encoding.RLE_DICTIONARY
              : Encoding.PLAIN;
      return;
    }
    trial(levels, values, bench, other);
  }

  private void trial(
      PageLevels levels, ColumnValues values, Bench bench, @Nullable Encoding other) {
    PageEncoder encoder = new PageEncoder(levels, values, bench);
    double plain = size(encoder, Encoding.PLAIN, bench);
    double best = plain;
    encoding = Encoding.PLAIN;
    ValueDictionary entries = values.dictionary();
    if (entries != null) {
      double ratio = plain / Math.max(1, values.plainBytes());
      double ids = size(encoder, Encoding.RLE_DICTIONARY, bench);
      double dictionary = dictionaryPage(entries, values) * Math.min(1, ratio) / HORIZON;
      double total = ids * widening(entries, values) + dictionary;
      if (total < plain) {
        best = total;
        encoding = Encoding.RLE_DICTIONARY;
      }
    }
    if (other != null && size(encoder, other, bench) < WORTH * best) {
      encoding = other;
    }
  }

  private static int size(PageEncoder encoder, Encoding encoding, Bench bench) {
    encoder.encode(encoding);
    return bench.compress(bench.page.address(), Math.toIntExact(encoder.length()));
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
    double far = (double) values.count() * HORIZON;
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

  /** How many entries there are at the horizon, if values are drawn from so many at random. */
  private static int entriesAhead(ValueDictionary entries, ColumnValues values) {
    int n = values.count();
    double all = drawnFrom(n, entries.size());
    double then = all * -Math.expm1(-(double) n * HORIZON / all);
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, then));
  }

  private static double drawnFrom(int n, int distinct) {
    if (distinct >= n) {
      return 1e12;
    }
    double low = distinct;
    double high = 1e12;
    for (int i = 0; i < 60; i++) {
      double middle = Math.sqrt(low * high);
      if (middle * -Math.expm1(-n / middle) < distinct) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The dictionary is full: pages go without, and the next one decides how. */
  void outgrown() {
    encoding = Encoding.PLAIN;
    made = false;
  }
}
