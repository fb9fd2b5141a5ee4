package dev.firn.change;

import dev.firn.error.FirnException;
import java.util.Objects;
import java.util.function.Function;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.jspecify.annotations.Nullable;

/**
 * An update of the rows that satisfy a filter: say what becomes of their columns, then {@link
 * #run}. A builder, confined to one thread.
 *
 * <p>Rows change where they are, as the table's {@code write.update.mode} says: marked by position,
 * with their successors in new files ({@code merge-on-read}, the default), or with their files
 * written anew ({@code copy-on-write}, and always for tables of format version 1). On tables with
 * row lineage (v3) a row keeps its {@code _row_id}.
 *
 * <p>A concurrent change of the same rows is met by looking again; {@code
 * write.update.isolation-level} says whether rows that others add meanwhile and that satisfy the
 * filter are seen too ({@code serializable}, the default) or may be missed ({@code snapshot}).
 */
public final class TableUpdate {
  private final ChangeTarget target;
  private final Expression where;
  private final Assignments assignments = new Assignments();
  private String branch = SnapshotRef.MAIN_BRANCH;

  private TableUpdate(ChangeTarget target, Expression where) {
    this.target = target;
    this.where = where;
  }

  /** Begins an update of the rows for which {@code where} is true. */
  public static TableUpdate of(ChangeTarget target, Expression where) {
    return new TableUpdate(target, where);
  }

  /**
   * Sets a top-level column to a constant, of the Java type that Iceberg's records have for it, or
   * null.
   */
  public TableUpdate set(String column, @Nullable Object value) {
    assignments.set(column, (row, none) -> value);
    return this;
  }

  /**
   * Sets a top-level column to what the function makes of the row as it was. It must not change the
   * row, and may be called again after a conflict.
   */
  public TableUpdate set(String column, Function<Record, @Nullable Object> value) {
    assignments.set(column, (row, none) -> value.apply(Objects.requireNonNull(row)));
    return this;
  }

  /** Updates a branch instead of main. */
  public TableUpdate branch(String name) {
    branch = name;
    return this;
  }

  /**
   * Updates the rows, in one commit; without one where no row satisfies the filter. Nothing is left
   * behind where it throws, unless with kind {@code COMMIT_STATE_UNKNOWN}.
   *
   * @throws FirnException INVALID for an unknown column, or a value that does not fit its column;
   *     CONFLICT where others keep changing the same rows
   */
  public ChangeReceipt run() {
    return step(false).run("update " + target.name());
  }

  /** Counts what {@link #run} would change now, and writes nothing. */
  public ChangeReceipt dryRun() {
    return step(true).run("update " + target.name());
  }

  private RuleStep step(boolean dry) {
    if (assignments.isEmpty()) {
      throw FirnException.invalid(
          "Cannot update %s: no column is set, expected at least one".formatted(target.name()));
    }
    return new RuleStep(
        target,
        Command.UPDATE,
        branch,
        dry,
        (table, written) ->
            new UpdateRule(where, assignments.bind(target.name(), table.schema(), written)));
  }
}
