package dev.firn.scan.change;

import java.util.List;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;

/**
 * Which changes to read.
 *
 * @param from the state to begin after; null: the empty table that the first snapshot changed
 * @param to the state to end with; null: the branch's head
 * @param branch whose snapshots are meant where a point does not name one
 * @param columns of the rows; null: all
 * @param filter the changes are those of the rows for which it is true: a row that an update moves
 *     out of it is deleted, one that it moves into it is inserted
 */
public record ChangeRequest(
    @Nullable ChangePoint from,
    @Nullable ChangePoint to,
    String branch,
    @Nullable List<String> columns,
    Expression filter,
    Mode mode) {
  /** How snapshots become changes. */
  public enum Mode {
    /** What each snapshot changed, in order. */
    EACH,
    /** What differs between the two ends, whatever happened between them. */
    NET,
    /** The rows that {@code append} snapshots added; any other but a compaction is an error. */
    APPENDS
  }

  /** Everything that ever happened on main. */
  public static final ChangeRequest EVERYTHING =
      new ChangeRequest(
          null, null, SnapshotRef.MAIN_BRANCH, null, Expressions.alwaysTrue(), Mode.EACH);

  public ChangeRequest {
    columns = columns == null ? null : List.copyOf(columns);
  }

  public ChangeRequest from(ChangePoint point) {
    return new ChangeRequest(point, to, branch, columns, filter, mode);
  }

  public ChangeRequest to(ChangePoint point) {
    return new ChangeRequest(from, point, branch, columns, filter, mode);
  }

  public ChangeRequest branch(String name) {
    return new ChangeRequest(from, to, name, columns, filter, mode);
  }

  public ChangeRequest select(List<String> names) {
    return new ChangeRequest(from, to, branch, names, filter, mode);
  }

  /** Only rows for which {@code more} is true too. */
  public ChangeRequest where(Expression more) {
    return new ChangeRequest(from, to, branch, columns, Expressions.and(filter, more), mode);
  }

  public ChangeRequest mode(Mode how) {
    return new ChangeRequest(from, to, branch, columns, filter, how);
  }
}
