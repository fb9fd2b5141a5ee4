package dev.firn.format.parquet.filter;

import org.apache.arrow.vector.VectorSchemaRoot;

/** IS NULL, or IS NOT NULL, of a column of any type. */
record NullTest(ColumnPath column, boolean wantNull) implements RowTest {
  @Override
  public void load(VectorSchemaRoot batch, int rows) {
    column.load(batch, rows);
  }

  @Override
  public void retain(long[] keep) {
    if (wantNull) {
      column.retainNull(keep);
    } else {
      column.retainPresent(keep);
    }
  }
}
