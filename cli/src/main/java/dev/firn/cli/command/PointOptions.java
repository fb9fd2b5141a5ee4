package dev.firn.cli.command;

import dev.firn.LakeScan;
import dev.firn.cli.run.Session;
import dev.firn.cli.text.PointInTime;
import dev.firn.scan.SnapshotSelector;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Which state of a table is read. Filled by picocli. */
final class PointOptions {
  @ArgGroup(exclusive = true)
  Point point = new Point();

  /** At most one of them. */
  static final class Point {
    @Option(
        names = "--as-of",
        paramLabel = "POINT",
        description =
            "Read the past: a snapshot id, a time (2026-01-31, 2026-01-31T12:00:00Z, in UTC), how long ago (2h), a branch or a tag.")
    @Nullable String asOf;

    @Option(names = "--snapshot", paramLabel = "ID", description = "Read one snapshot.")
    @Nullable Long snapshot;

    @Option(names = "--branch", paramLabel = "NAME", description = "Read a branch.")
    @Nullable String branch;

    @Option(names = "--tag", paramLabel = "NAME", description = "Read a tag.")
    @Nullable String tag;

    @Option(names = "--ref", paramLabel = "NAME", description = "Read a branch or a tag.")
    @Nullable String ref;
  }

  @Option(
      names = "--current-schema",
      description = "Read the past in today's columns and names instead of those of its time.")
  boolean currentSchema;

  /** Whether a branch's head is meant, main's or that of {@link #branch}. */
  boolean isHead() {
    return point.asOf == null && point.snapshot == null && point.tag == null && point.ref == null;
  }

  /** Returns the branch asked for by that name, or null. */
  @Nullable String branch() {
    return point.branch;
  }

  /** Returns what was asked for, or null for the current state. */
  @Nullable PointInTime parse(Session session) {
    if (point.asOf != null) {
      return PointInTime.parse(point.asOf, session.clock());
    }
    if (point.snapshot != null) {
      return new PointInTime.Snapshot(point.snapshot);
    }
    return Stream.of(point.branch, point.tag, point.ref)
        .filter(Objects::nonNull)
        .findFirst()
        .<PointInTime>map(PointInTime.Ref::new)
        .orElse(null);
  }

  /** Returns what was asked for, as scans and SQL take it. */
  SnapshotSelector selector(Session session) {
    PointInTime at = parse(session);
    if (at == null) {
      return new SnapshotSelector.Current();
    }
    if (at instanceof PointInTime.Snapshot snapshot) {
      return new SnapshotSelector.ById(snapshot.id());
    }
    if (at instanceof PointInTime.At instant) {
      return new SnapshotSelector.AsOf(instant.instant());
    }
    return new SnapshotSelector.Ref(((PointInTime.Ref) at).name());
  }

  LakeScan apply(LakeScan scan, Session session) {
    LakeScan at = scan.at(selector(session));
    return currentSchema ? at.inCurrentSchema() : at;
  }
}
