package dev.firn.compaction.verify;

import java.util.List;

/**
 * What a verification looked at, and what it found. Immutable.
 *
 * @param findings errors first, by file; at most {@link Verification#MOST_FINDINGS}
 * @param allFindings how many there were
 * @param filesRead of {@code dataFiles} and {@code deleteFiles}, how many were read whole
 * @param hashes how many snapshots' content hashes were computed again
 */
public record VerificationReport(
    List<Finding> findings,
    long allFindings,
    int snapshots,
    int manifests,
    int dataFiles,
    int deleteFiles,
    int filesRead,
    int hashes,
    long rowsRead) {

  /** Whether some finding is an error: the table is damaged. */
  public boolean damaged() {
    return findings.stream().anyMatch(each -> each.severity() == Finding.Severity.ERROR);
  }
}
