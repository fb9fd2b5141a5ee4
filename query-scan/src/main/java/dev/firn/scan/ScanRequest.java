package dev.firn.scan;

import java.util.List;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;

/**
 * What to read. Immutable: each call returns another.
 *
 * @param snapshot which snapshot
 * @param columns which columns; null: all; nested by dotted path; metadata columns by name
 * @param filter which rows
 * @param limit how many rows at most; {@link #NO_LIMIT}: all
 * @param schema whose columns and names are read
 * @param arrival which rows come first
 * @param cancellation ends what reads, from any thread
 */
public record ScanRequest(
    SnapshotSelector snapshot,
    @Nullable List<String> columns,
    Expression filter,
    long limit,
    SchemaChoice schema,
    Arrival arrival,
    Cancellation cancellation) {
  public static final long NO_LIMIT = Long.MAX_VALUE;
  public static final ScanRequest EVERYTHING =
      new ScanRequest(new SnapshotSelector.Current(), null, Expressions.alwaysTrue(), NO_LIMIT);

  /** Whose columns and names are read. */
  public enum SchemaChoice {
    /** The selector's: see {@link SnapshotSelector}. */
    OF_SNAPSHOT,
    /** The table's newest, whichever snapshot is read. */
    CURRENT
  }

  /** Which rows come first. */
  public enum Arrival {
    /** Files as planned, rows as they stand in them: the same each time. */
    PLANNED,
    /** Whatever is read first. */
    ANY,
    /** The table's sort order: invalid unless all files that are read are sorted by it. */
    SORTED
  }

  public ScanRequest {
    columns = columns == null ? null : List.copyOf(columns);
    if (limit < 0) {
      throw new IllegalArgumentException("limit must not be negative: " + limit);
    }
  }

  /** In the selector's schema, files as planned. */
  public ScanRequest(
      SnapshotSelector snapshot, @Nullable List<String> columns, Expression filter, long limit) {
    this(
        snapshot,
        columns,
        filter,
        limit,
        SchemaChoice.OF_SNAPSHOT,
        Arrival.PLANNED,
        Cancellation.NEVER);
  }

  public ScanRequest snapshot(SnapshotSelector other) {
    return new ScanRequest(other, columns, filter, limit, schema, arrival, cancellation);
  }

  public ScanRequest columns(List<String> other) {
    return new ScanRequest(snapshot, other, filter, limit, schema, arrival, cancellation);
  }

  /** Only rows that satisfy {@code other} too. */
  public ScanRequest and(Expression other) {
    Expression both = Expressions.and(filter, other);
    return new ScanRequest(snapshot, columns, both, limit, schema, arrival, cancellation);
  }

  public ScanRequest limit(long rows) {
    return new ScanRequest(snapshot, columns, filter, rows, schema, arrival, cancellation);
  }

  public ScanRequest schema(SchemaChoice other) {
    return new ScanRequest(snapshot, columns, filter, limit, other, arrival, cancellation);
  }

  public ScanRequest arrival(Arrival other) {
    return new ScanRequest(snapshot, columns, filter, limit, schema, other, cancellation);
  }

  public ScanRequest cancelledBy(Cancellation other) {
    return new ScanRequest(snapshot, columns, filter, limit, schema, arrival, other);
  }
}
