package dev.firn.format.parquet.write;

/** How a column's pages are encoded: decided at the first page of each chunk. */
final class EncodingChoice {
  // How far ahead, in pages like the first one, a dictionary must pay.
  private static final int HORIZON = 10;

  private boolean made;
  private boolean dictionary = true;

  /** Whether a chunk's first page is filled with ids. */
  boolean startsWithDictionary() {
    return dictionary;
  }

  boolean made() {
    return made;
  }

  /** Whether further pages hold ids. */
  boolean dictionary() {
    return dictionary;
  }

  /** Decides by the chunk's first page, which is full. */
  void make(ColumnValues values, Bench bench) {
    ValueDictionary entries = values.dictionary();
    made = values.count() > 0;
    dictionary = entries != null && (values.count() == 0 || pays(entries, values));
  }

  private static boolean pays(ValueDictionary entries, ColumnValues values) {
    int distinct = entries.size();
    int n = values.count();
    double entryBytes = (double) entries.plainBytes() / distinct;
    double valueBytes = (double) values.plainBytes() / n;
    double total = distinct(n, distinct);
    double far = (double) n * HORIZON;
    double then = total * (1 - Math.exp(-far / total));
    int width = Math.max(1, Hybrid.width((int) Math.min(Integer.MAX_VALUE, then)));
    return then * entryBytes + far * width / 8 < far * valueBytes;
  }

  /** How many values there are to draw from, if {@code n} draws gave {@code distinct}. */
  private static double distinct(int n, int distinct) {
    if (distinct >= n) {
      return 1e18;
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

  /** The dictionary is full: the rest of the chunk goes without. */
  void outgrown() {
    dictionary = false;
    made = true;
  }

  void nextChunk() {
    made = false;
    dictionary = true;
  }
}
