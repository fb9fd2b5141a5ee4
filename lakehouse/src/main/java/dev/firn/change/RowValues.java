package dev.firn.change;

import java.util.Objects;
import java.util.function.Function;
import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;

/**
 * Values of columns made of one row: the source's, for a row that is inserted, or the target's, for
 * one that no source row matched. A builder, confined to one thread.
 */
public final class RowValues {
  private final Assignments assignments;
  private final boolean ofSource;

  RowValues(Assignments assignments, boolean ofSource) {
    this.assignments = assignments;
    this.ofSource = ofSource;
  }

  /** Sets a top-level column of the table to a constant, or null. */
  public RowValues set(String column, @Nullable Object value) {
    assignments.set(column, (target, source) -> value);
    return this;
  }

  /** Sets a top-level column of the table to what the function makes of the row. */
  public RowValues set(String column, Function<Record, @Nullable Object> value) {
    assignments.set(
        column,
        (target, source) -> value.apply(Objects.requireNonNull(ofSource ? source : target)));
    return this;
  }
}
