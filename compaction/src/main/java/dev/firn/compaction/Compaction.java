package dev.firn.compaction;

import dev.firn.format.write.DataWriter;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;

/**
 * A refinable compaction of one table: configure, then {@link #plan()} or {@link #run()}.
 * Immutable. SKELETON.
 */
public final class Compaction {
  private Compaction() {}

  public static Compaction of(Table table) {
    throw new UnsupportedOperationException(table.name() + DataWriter.class);
  }

  /** Only files that may hold matching rows. */
  public Compaction where(Expression filter) {
    throw new UnsupportedOperationException(filter.toString());
  }

  public Compaction targetFileSizeBytes(long bytes) {
    throw new UnsupportedOperationException("" + bytes);
  }

  /** The fewest files worth rewriting together (default 2 here: small tables count too). */
  public Compaction minInputFiles(int files) {
    throw new UnsupportedOperationException("" + files);
  }

  /** Rewrites every file, also well-sized ones. */
  public Compaction everything() {
    throw new UnsupportedOperationException();
  }

  public Compaction progress(CompactionProgress progress) {
    throw new UnsupportedOperationException(progress.toString());
  }

  /** What {@link #run()} would do, without writing. */
  public CompactionPlan plan() {
    throw new UnsupportedOperationException();
  }

  public CompactionResult run() {
    throw new UnsupportedOperationException();
  }
}
