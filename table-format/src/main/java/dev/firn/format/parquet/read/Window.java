package dev.firn.format.parquet.read;

/**
 * Some consecutive rows of a row group and those of them that stay. A cursor over what is still to
 * be given out.
 */
final class Window {
  private final long first;
  private final Selection kept;
  private final Selection probed;
  private int at;

  /**
   * @param first the first row of the row group
   * @param kept which rows stay
   * @param probed the same rows, counted among those that the tests were made on
   */
  Window(long first, Selection kept, Selection probed) {
    this.first = first;
    this.kept = kept;
    this.probed = probed;
  }

  /** Where the rows not given out yet start. */
  long first() {
    return first + at;
  }

  /** The first row after the window. */
  long end() {
    return first + kept.rows();
  }

  boolean hasMore() {
    return kept.rank(at) < kept.count();
  }

  /** Which of the next {@code rows} rows, or fewer at the end, stay. */
  Selection next(int rows) {
    return kept.part(at, until(rows));
  }

  /** As {@link #next}, counted among the rows that the tests were made on. */
  Selection nextProbed(int rows) {
    return probed.slice(kept.rank(at), kept.rank(until(rows)));
  }

  void advance(int rows) {
    at = until(rows);
  }

  private int until(int rows) {
    return (int) Math.min(kept.rows(), (long) at + rows);
  }
}
