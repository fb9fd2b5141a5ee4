package dev.firn.format.parquet.filter;

import org.apache.arrow.vector.VectorSchemaRoot;

/** A comparison of a boolean column: which of the two values pass. */
record BooleanTest(ColumnPath column, boolean falsePasses, boolean truePasses) implements RowTest {
  @Override
  public void load(VectorSchemaRoot batch, int rows) {
    column.load(batch, rows);
  }

  @Override
  public void retain(long[] keep) {
    column.retainPresent(keep);
    long address = column.bits();
    long ifFalse = falsePasses ? -1L : 0L;
    long ifTrue = truePasses ? -1L : 0L;
    for (int i = 0; i < RowTest.words(column.rows()); i++) {
      if (keep[i] != 0) {
        long values = ColumnPath.bitmapWord(address, i, column.rows());
        keep[i] &= (values & ifTrue) | (~values & ifFalse);
      }
    }
  }
}
