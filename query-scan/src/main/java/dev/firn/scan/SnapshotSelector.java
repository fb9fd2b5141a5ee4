package dev.firn.scan;

import java.time.Instant;

/**
 * Which snapshot a scan reads, and the schema that it is read in unless {@link
 * ScanRequest.SchemaChoice} says otherwise.
 */
public sealed interface SnapshotSelector {
  /** The head of main, in the current schema. */
  record Current() implements SnapshotSelector {}

  /** One snapshot by id, in the schema it was written with. */
  record ById(long snapshotId) implements SnapshotSelector {}

  /** The snapshot that was current at an instant, in the schema it was written with. */
  record AsOf(Instant instant) implements SnapshotSelector {}

  /** A branch's head (current schema) or a tag's snapshot (its own schema). */
  record Ref(String name) implements SnapshotSelector {}
}
