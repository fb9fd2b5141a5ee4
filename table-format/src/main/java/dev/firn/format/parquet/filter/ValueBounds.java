package dev.firn.format.parquet.filter;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the values of a column in some rows: of a row group or of a page. Immutable.
 *
 * @param low at most every value, NaN aside, in the terms of a {@link StoredForm}; null where
 *     unknown
 * @param high at least every value, NaN aside; null where {@code low} is, and only there
 * @param values how many there are, nulls among them
 * @param nulls how many of them are null; negative where unknown
 */
record ValueBounds(@Nullable Object low, @Nullable Object high, long values, long nulls) {
  ValueBounds {
    if (nulls > values || (low != null && nulls == values)) {
      nulls = -1; // A count that cannot be right is no knowledge.
    }
  }

  /**
   * Takes bounds as PLAIN has them. Where one of them means nothing, as NaN or one that the wanted
   * type cannot hold, the other is not trusted either; nor are those in the wrong order.
   */
  static ValueBounds of(
      @Nullable StoredForm form,
      @Nullable ByteBuffer low,
      @Nullable ByteBuffer high,
      long values,
      long nulls) {
    if (form == null || low == null || high == null) {
      return new ValueBounds(null, null, values, nulls);
    }
    Object least = form.fromStored().apply(low);
    Object most = form.fromStored().apply(high);
    if (least == null || most == null || form.order().compare(least, most) > 0) {
      return new ValueBounds(null, null, values, nulls);
    }
    // A writer may have taken either zero for the other.
    least = least.equals(0.0) ? (Object) (-0.0) : least;
    most = most.equals(-0.0) ? (Object) 0.0 : most;
    return new ValueBounds(least, most, values, nulls);
  }

  boolean allNull() {
    return nulls == values;
  }

  boolean noneNull() {
    return nulls == 0;
  }
}
