package dev.firn;

import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SnapshotRef;
import org.jspecify.annotations.Nullable;

/**
 * How rows are added. Immutable.
 *
 * @param branch the branch that they go to
 * @param evolveTo columns that the table must have afterwards: missing ones are added and narrower
 *     ones widened, by name, in the same commit as the rows; null means that the schema stays
 * @param summary extra entries of the snapshot's summary
 */
public record AppendOptions(String branch, @Nullable Schema evolveTo, Map<String, String> summary) {
  /** To main, in the table's schema. */
  public static final AppendOptions DEFAULT =
      new AppendOptions(SnapshotRef.MAIN_BRANCH, null, Map.of());

  public AppendOptions {
    summary = Map.copyOf(summary);
  }

  public AppendOptions branch(String name) {
    return new AppendOptions(name, evolveTo, summary);
  }

  public AppendOptions evolveTo(Schema schema) {
    return new AppendOptions(branch, schema, summary);
  }

  public AppendOptions summary(Map<String, String> entries) {
    return new AppendOptions(branch, evolveTo, entries);
  }
}
