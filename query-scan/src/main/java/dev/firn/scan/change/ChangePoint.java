package dev.firn.scan.change;

import java.time.Instant;

/** A state of a table that changes begin or end at. */
public sealed interface ChangePoint {
  /** A snapshot by id. */
  record Id(long snapshotId) implements ChangePoint {}

  /** The last snapshot of the line of snapshots looked at that is not later than an instant. */
  record At(Instant instant) implements ChangePoint {}

  /** A branch's head or a tag's snapshot. */
  record Ref(String name) implements ChangePoint {}

  /** What a reader had read in full. */
  record Token(FeedToken token) implements ChangePoint {}
}
