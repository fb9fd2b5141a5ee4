package dev.firn.scan;

import java.util.List;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;

/**
 * What to read: which snapshot, which columns (null: all; nested by dotted path; metadata columns
 * by name), which rows, and how many at most ({@link #NO_LIMIT}: all).
 */
public record ScanRequest(
    SnapshotSelector snapshot, @Nullable List<String> columns, Expression filter, long limit) {
  public static final long NO_LIMIT = Long.MAX_VALUE;
  public static final ScanRequest EVERYTHING =
      new ScanRequest(new SnapshotSelector.Current(), null, Expressions.alwaysTrue(), NO_LIMIT);

  public ScanRequest {
    columns = columns == null ? null : List.copyOf(columns);
    if (limit < 0) {
      throw new IllegalArgumentException("limit must not be negative: " + limit);
    }
  }
}
