package dev.firn.change;

import java.util.Objects;
import java.util.function.BiFunction;
import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;

/**
 * Values of columns made of a row of the target, as it was, and the row of the source that matches
 * it. A builder, confined to one thread.
 */
public final class PairValues {
  private final Assignments assignments;

  PairValues(Assignments assignments) {
    this.assignments = assignments;
  }

  /** Sets a top-level column of the table to a constant, or null. */
  public PairValues set(String column, @Nullable Object value) {
    assignments.set(column, (target, source) -> value);
    return this;
  }

  /** Sets a top-level column of the table to what the function makes of target and source. */
  public PairValues set(String column, BiFunction<Record, Record, @Nullable Object> value) {
    assignments.set(
        column,
        (target, source) ->
            value.apply(Objects.requireNonNull(target), Objects.requireNonNull(source)));
    return this;
  }

  /** Sets a top-level column of the table to a column of the source. */
  public PairValues setFrom(String column, String sourceColumn) {
    assignments.setFrom(column, sourceColumn);
    return this;
  }
}
