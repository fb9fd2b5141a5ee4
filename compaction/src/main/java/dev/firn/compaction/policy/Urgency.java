package dev.firn.compaction.policy;

/** How soon work should be done, the most urgent first. */
public enum Urgency {
  /** Every commit and every scan pays for each minute of delay; done in quiet hours too. */
  NOW,
  /** Scans pay. */
  SOON,
  /** It costs space, or will be of use later. */
  WHENEVER
}
