package dev.firn.format.parquet.read;

import dev.firn.format.parquet.page.Dictionary;

/** How many rows of a column make a batch that is not too large. Stateless. */
final class RowBound {
  /** About what a batch's column may have. */
  private static final long USUAL_BYTES = 64L << 20;

  /** What it must never have: offsets have 31 bits. */
  private static final long MOST_BYTES = 1L << 30;

  private static final int SAMPLE = 1 << 20;

  private RowBound() {}

  private static double usual(double valueBytes) {
    return USUAL_BYTES / Math.max(1.0 / SAMPLE, valueBytes);
  }

  static int of(LeafChunk leaf, LeafSink sink) {
    if (!(sink instanceof VarSink)) {
      return Integer.MAX_VALUE;
    }
    double rows = usual(leaf.estimate(SAMPLE) / (double) SAMPLE);
    Dictionary dictionary = leaf.chunk().dictionary();
    if (dictionary != null && dictionary.size() > 0) {
      double entry = (double) dictionary.offset(dictionary.size()) / dictionary.size();
      double most = (double) MOST_BYTES / Math.max(1, dictionary.longest());
      rows = Math.min(rows, Math.min(usual(entry), most));
    }
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, rows));
  }
}
