package dev.firn.format.parquet.write;

/** A null was met in a required column. */
final class NullFoundException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String column;
  private final int row;

  NullFoundException(String column, int row) {
    super("null in required column " + column);
    this.column = column;
    this.row = row;
  }

  String column() {
    return column;
  }

  /** The row of the batch. */
  int row() {
    return row;
  }
}
