package dev.firn.compaction.policy;

import java.time.Instant;
import java.util.List;
import org.apache.iceberg.expressions.Expression;

/**
 * Work that is due, why, and what it gains. Immutable.
 *
 * @param reason a sentence for people
 * @param gain about how many files, manifests or snapshots fewer there will be
 * @param scope which files are compacted; of everything for other kinds of work
 */
public record DueWork(WorkKind kind, Urgency urgency, String reason, long gain, Scope scope) {

  /**
   * What a compaction takes.
   *
   * @param filter selects the partitions
   * @param partitions their paths
   * @param targetBytes how large the files that come out should be; smaller files than three
   *     quarters of it are taken
   * @param minFiles the fewest files worth merging
   * @param bytes about how much is rewritten
   */
  public record Scope(
      Expression filter, List<String> partitions, long targetBytes, int minFiles, long bytes) {
    public Scope {
      partitions = List.copyOf(partitions);
    }
  }

  /**
   * Decides what is due now, the most urgent first and by gain within that. A pure function.
   *
   * @param history of this table
   */
  public static List<DueWork> of(
      TableHealth health, MaintenancePolicy policy, WorkHistory history, Instant now) {
    return new Decision(health, policy, history, now).due();
  }
}
