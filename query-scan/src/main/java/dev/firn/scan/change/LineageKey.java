package dev.firn.scan.change;

import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Rows by their {@code _row_id}, which no change and no compaction alters; the sequence number of
 * the last change tells whether there was one.
 *
 * @see <a href="https://iceberg.apache.org/spec/#row-lineage">Row lineage</a>
 */
record LineageKey(int rowId, int lastUpdated) implements RowKey {
  private BigIntVector ids(VectorSchemaRoot rows) {
    return (BigIntVector) rows.getVector(rowId);
  }

  private BigIntVector updates(VectorSchemaRoot rows) {
    return (BigIntVector) rows.getVector(lastUpdated);
  }

  @Override
  public boolean has(VectorSchemaRoot rows, int row) {
    return !ids(rows).isNull(row);
  }

  @Override
  public int hash(VectorSchemaRoot rows, int row) {
    return Long.hashCode(ids(rows).get(row));
  }

  @Override
  public Comparison comparison(VectorSchemaRoot before, VectorSchemaRoot after) {
    BigIntVector ids = ids(before);
    BigIntVector otherIds = ids(after);
    BigIntVector updates = updates(before);
    BigIntVector otherUpdates = updates(after);
    return (row, other) -> {
      if (ids.get(row) != otherIds.get(other)) {
        return Likeness.DIFFERENT;
      }
      boolean known = !updates.isNull(row) && !otherUpdates.isNull(other);
      return known && updates.get(row) == otherUpdates.get(other)
          ? Likeness.SAME
          : Likeness.UPDATED;
    };
  }
}
