package dev.firn;

import dev.firn.catalog.intent.WriteIntent;
import dev.firn.upsert.KeyIndexes;
import dev.firn.upsert.UpsertTarget;
import org.apache.iceberg.Table;

/**
 * What changes by key need of their lakehouse. Immutable.
 *
 * @param indexes finds rows by key
 * @param bytes how much of a batch stays in memory
 */
record Upserts(KeyIndexes indexes, long bytes) {
  private static final long MOST_BYTES = 64L << 20;

  static Upserts of(KeyIndexes indexes) {
    return new Upserts(indexes, Math.min(MOST_BYTES, Runtime.getRuntime().maxMemory() / 16));
  }

  /** Begins changes of {@code table} as it is now; owns the intent, but where it throws. */
  UpsertSink open(String doing, Table table, TableCommits commits, WriteIntent intent) {
    UpsertTarget target =
        new UpsertTarget(
            commits.catalog(), commits.table(), indexes, base -> commits.hold(base)::close);
    return new UpsertSink(doing, table, target, intent, bytes);
  }
}
