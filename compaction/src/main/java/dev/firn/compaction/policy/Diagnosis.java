package dev.firn.compaction.policy;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * How healthy a table is: a score of 100 less what its findings take off. Immutable.
 *
 * @param findings the gravest first
 * @param due what a maintenance service would do now
 */
public record Diagnosis(TableHealth health, List<Finding> findings, List<DueWork> due) {
  private static final int BEST = 100;
  private static final int HEALTHY = 80;

  public Diagnosis {
    findings =
        findings.stream().sorted(Comparator.comparingInt(Finding::penalty).reversed()).toList();
    due = List.copyOf(due);
  }

  /** Of a table, by its metadata alone. */
  public static Diagnosis of(
      TableHealth health, MaintenancePolicy policy, WorkHistory history, Instant now) {
    return new Diagnosis(
        health, new Doctor(health, now).findings(), DueWork.of(health, policy, history, now));
  }

  /** Returns the score, from 0 to 100. */
  public int score() {
    return Math.max(0, BEST - findings.stream().mapToInt(Finding::penalty).sum());
  }

  /** Returns the score as a letter, {@code A} to {@code F}. */
  public String grade() {
    int score = score();
    return score >= 90 ? "A" : score >= HEALTHY ? "B" : score >= 65 ? "C" : score >= 50 ? "D" : "F";
  }

  /** Returns whether nothing serious was found: grade A or B. */
  public boolean healthy() {
    return score() >= HEALTHY;
  }
}
