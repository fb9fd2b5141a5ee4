package dev.firn.change;

import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.expressions.Expression;

/**
 * A delete of the rows that satisfy a filter. A builder, confined to one thread.
 *
 * <p>Files that the filter surely covers go whole, by their metadata alone. In the others rows are
 * marked by position, or the files written anew, as {@code write.delete.mode} says; see {@link
 * TableUpdate} for both, and for conflicts.
 */
public final class TableDelete {
  private final ChangeTarget target;
  private final Expression where;
  private String branch = SnapshotRef.MAIN_BRANCH;
  private Runnable eachFile = () -> {};

  private TableDelete(ChangeTarget target, Expression where) {
    this.target = target;
    this.where = where;
  }

  /** Begins a delete of the rows for which {@code where} is true. */
  public static TableDelete of(ChangeTarget target, Expression where) {
    return new TableDelete(target, where);
  }

  /** Deletes from a branch instead of main. */
  public TableDelete branch(String name) {
    branch = name;
    return this;
  }

  /**
   * Called, in the running thread, for each data file that may hold such rows before it is looked
   * at; may throw to end it.
   */
  public TableDelete progress(Runnable forEachFile) {
    eachFile = forEachFile;
    return this;
  }

  /** Deletes the rows, in one commit; without one where no row satisfies the filter. */
  public ChangeReceipt run() {
    return step(false).run("delete from " + target.name());
  }

  /** Counts what {@link #run} would change now, and writes nothing. */
  public ChangeReceipt dryRun() {
    return step(true).run("delete from " + target.name());
  }

  /** The delete as a step that others go along with. */
  public ChangeStep step() {
    return step(false);
  }

  private RuleStep step(boolean dry) {
    return new RuleStep(
        target,
        Command.DELETE,
        branch,
        dry,
        (table, written) -> new DeleteRule(table, where, eachFile));
  }
}
