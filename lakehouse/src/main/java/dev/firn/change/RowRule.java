package dev.firn.change;

import java.util.BitSet;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;

/** What a change does to rows that are in the table. Confined to one thread. */
interface RowRule {
  /** Rows for which it is not true surely stay as they are. */
  Expression filter();

  /**
   * The columns that the rule looks at before it knows a row's fate; empty where all that pass the
   * filter have the same.
   */
  Schema columns();

  /** Whether some rows may get other values, so that every column is needed. */
  boolean updates();

  /** What is known of a file's rows without reading them. */
  enum Reach {
    /** Every live row goes. */
    WHOLE,
    /** Some rows may have to be looked at. */
    SOME,
    /** Every row stays. */
    NONE
  }

  /** Returns how far the change reaches in a file that may hold rows that pass the filter. */
  default Reach reach(FileScanTask task) {
    return Reach.SOME;
  }

  /**
   * Returns the rows of a batch that passed the filter whose fate has to be asked for; the others
   * stay.
   *
   * @param batch has at least {@link #columns}
   */
  default BitSet candidates(VectorSchemaRoot batch) {
    BitSet all = new BitSet(batch.getRowCount());
    all.set(0, batch.getRowCount());
    return all;
  }

  /**
   * Returns what becomes of a row, which has at least {@link #columns}; asked twice for the same
   * row, says the same. New values are asked for only of rows with every column.
   */
  Fate fate(Record row);

  /** Adds rows that are new, once every row of the table has been looked at. */
  default void finish(ChangedFiles files) {}
}
