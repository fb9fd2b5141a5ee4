package dev.firn.scan.plan;

import org.jspecify.annotations.Nullable;

/** What a chunk has of one field: the columns that are there, and what they say of a row. */
record ColumnStats(
    @Nullable LongColumn values,
    @Nullable LongColumn nulls,
    @Nullable LongColumn nans,
    @Nullable BytesColumn lower,
    @Nullable BytesColumn upper) {
  static ColumnStats of(Chunk chunk, int fieldId) {
    return new ColumnStats(
        chunk.counts(Statistic.VALUE_COUNTS).column(fieldId),
        chunk.counts(Statistic.NULL_COUNTS).column(fieldId),
        chunk.counts(Statistic.NAN_COUNTS).column(fieldId),
        chunk.lower().column(fieldId),
        chunk.upper().column(fieldId));
  }

  /** Whether {@link #holdsNothing} may be true of some row. */
  boolean someHoldNothing() {
    return values != null
        && ((nulls != null && nulls.max() >= values.min())
            || (nans != null && nans.max() >= values.min()));
  }

  /** Whether the row's column has nothing that compares: all is null, or all is NaN. */
  boolean holdsNothing(int row) {
    return nullsOnly(row) || nansOnly(row);
  }

  boolean nullsOnly(int row) {
    return values != null
        && nulls != null
        && !values.isNull(row)
        && !nulls.isNull(row)
        && values.get(row) == nulls.get(row);
  }

  boolean nansOnly(int row) {
    return values != null
        && nans != null
        && !nans.isNull(row)
        && !values.isNull(row)
        && nans.get(row) == values.get(row);
  }

  boolean mayContainNull(int row) {
    return nulls == null || nulls.isNull(row) || nulls.get(row) != 0;
  }

  /** Whether the row is known to have no NaN. */
  boolean noNans(int row) {
    return nans != null && !nans.isNull(row) && nans.get(row) == 0;
  }

  /** Whether the row is known to have NaNs. */
  boolean someNans(int row) {
    return nans != null && !nans.isNull(row) && nans.get(row) != 0;
  }
}
