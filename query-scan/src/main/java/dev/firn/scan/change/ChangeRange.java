package dev.firn.scan.change;

import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots whose changes a request asks for, of a table as it is known at this moment.
 *
 * @param to where the changes end; null: the table is empty
 * @param steps what to read, in order
 */
record ChangeRange(@Nullable Snapshot to, List<ChangeStep> steps) {
  ChangeRange {
    steps = List.copyOf(steps);
  }

  static ChangeRange of(Table table, ChangeRequest request) {
    return new Resolver(table, request).range();
  }

  /**
   * The snapshot that a request begins after; {@link FeedToken#NOTHING}: before the first. Fails
   * where the changes from there are not available.
   */
  static long start(Table table, ChangeRequest request) {
    Resolver resolver = new Resolver(table, request);
    ChangeRange unused = resolver.range();
    ChangePoint from = request.from();
    Place place = from == null ? new Place(null) : resolver.start(from, resolver.head);
    return place.snapshotId() == null ? FeedToken.NOTHING : place.snapshotId();
  }

  /** Where a point is: at a snapshot, which may have expired, or before all of them. */
  private record Place(@Nullable Long snapshotId) {}

  private static final class Resolver {
    private final Table table;
    private final ChangeRequest request;
    private final @Nullable Snapshot head;

    Resolver(Table table, ChangeRequest request) {
      this.table = table;
      this.request = request;
      this.head = head();
    }

    private @Nullable Snapshot head() {
      String branch = request.branch();
      SnapshotRef ref = table.refs().get(branch);
      if (ref == null && !branch.equals(SnapshotRef.MAIN_BRANCH)) {
        throw noRef(branch);
      }
      return ref == null ? table.currentSnapshot() : table.snapshot(ref.snapshotId());
    }

    private FirnException noRef(String name) {
      return FirnException.notFound(
          "Cannot read changes of '%s': there is no branch or tag of that name%s [table %s]"
              .formatted(name, NearMatch.hint(name, table.refs().keySet()), table.name()));
    }

    ChangeRange range() {
      ChangePoint at = request.to();
      Snapshot to = at == null ? head : end(at);
      if (to == null) {
        if (request.from() != null) {
          Place unused = start(request.from(), null);
        }
        return new ChangeRange(null, List.of());
      }
      Place from =
          request.from() == null
              ? new Place(null)
              : start(Objects.requireNonNull(request.from()), to);
      return new ChangeRange(
          to, request.mode() == ChangeRequest.Mode.NET ? net(from, to) : each(from, to));
    }

    private @Nullable Snapshot end(ChangePoint point) {
      Place place = place(point, head);
      if (place.snapshotId() == null) {
        return null;
      }
      return retained(place.snapshotId(), head);
    }

    private Place start(ChangePoint point, @Nullable Snapshot to) {
      return place(point, to);
    }

    private Place place(ChangePoint point, @Nullable Snapshot line) {
      if (point instanceof ChangePoint.Id id) {
        return new Place(id.snapshotId());
      }
      if (point instanceof ChangePoint.Ref ref) {
        SnapshotRef named = table.refs().get(ref.name());
        if (named != null) {
          return new Place(named.snapshotId());
        }
        if (ref.name().equals(SnapshotRef.MAIN_BRANCH)) {
          return new Place(null);
        }
        throw noRef(ref.name());
      }
      if (point instanceof ChangePoint.Token token) {
        return place(token.token());
      }
      return at(((ChangePoint.At) point).instant(), line);
    }

    private Place place(FeedToken token) {
      UUID uuid = table.uuid();
      if (!token.table().equals(uuid)) {
        throw FirnException.invalid(
            "Cannot go on from a token of changes: it is another table's, expected one of %s, got one of %s; start without a token, or from a snapshot [table %s]"
                .formatted(uuid, token.table(), table.name()));
      }
      return new Place(token.snapshotId() == FeedToken.NOTHING ? null : token.snapshotId());
    }

    private Place at(Instant instant, @Nullable Snapshot line) {
      Snapshot oldest = null;
      for (Snapshot at = line; at != null; at = parent(at)) {
        if (!Instant.ofEpochMilli(at.timestampMillis()).isAfter(instant)) {
          return new Place(at.snapshotId());
        }
        oldest = at;
      }
      if (oldest == null || oldest.parentId() == null) {
        return new Place(null);
      }
      throw FirnException.notFound(
          "Cannot read changes as of %s: the snapshots of that time have expired; the oldest available is %s [table %s]"
              .formatted(instant, shown(oldest), table.name()));
    }

    private @Nullable Snapshot parent(Snapshot snapshot) {
      return snapshot.parentId() == null ? null : table.snapshot(snapshot.parentId());
    }

    private Snapshot retained(long id, @Nullable Snapshot line) {
      Snapshot snapshot = table.snapshot(id);
      if (snapshot == null) {
        throw expired(id, line);
      }
      return snapshot;
    }

    private FirnException expired(long id, @Nullable Snapshot line) {
      Snapshot oldest = oldest(line);
      String remedy =
          oldest == null
              ? "the table has no snapshots"
              : "the oldest to start from is %s: read the table as of it, and the changes from it"
                  .formatted(shown(oldest));
      return FirnException.notFound(
          "Cannot read changes at snapshot %d: it does not exist or has expired; %s [table %s]"
              .formatted(id, remedy, table.name()));
    }

    private @Nullable Snapshot oldest(@Nullable Snapshot line) {
      Snapshot oldest = line;
      for (Snapshot at = line; at != null; at = parent(at)) {
        oldest = at;
      }
      return oldest;
    }

    private static String shown(Snapshot snapshot) {
      return snapshot.snapshotId() + " of " + Instant.ofEpochMilli(snapshot.timestampMillis());
    }

    private List<ChangeStep> net(Place from, Snapshot to) {
      Snapshot before = from.snapshotId() == null ? null : retained(from.snapshotId(), to);
      boolean same = before != null && before.snapshotId() == to.snapshotId();
      return same ? List.of() : List.of(new ChangeStep(before, to, false, 0));
    }

    private List<ChangeStep> each(Place from, Snapshot to) {
      List<Snapshot> line = new ArrayList<>();
      Snapshot at = to;
      while (!Objects.equals(from.snapshotId(), at.snapshotId())) {
        line.add(at);
        Long parentId = at.parentId();
        if (parentId == null) {
          if (from.snapshotId() != null) {
            throw notAnAncestor(from.snapshotId(), to);
          }
          break;
        }
        Snapshot parent = table.snapshot(parentId);
        if (parent == null) {
          requireNoneMissing(from, parentId, at, to);
          break;
        }
        at = parent;
      }
      Collections.reverse(line);
      return steps(line);
    }

    /** An append can be read without its parent; nothing else can. */
    private void requireNoneMissing(Place from, long missing, Snapshot first, Snapshot to) {
      Long id = from.snapshotId();
      if (id == null) {
        throw FirnException.notFound(
            "Cannot read changes from the beginning: the snapshots before %s have expired; start from %d, after a scan as of it [table %s]"
                .formatted(shown(first), first.snapshotId(), table.name()));
      }
      if (id == missing) {
        if (!appended(first)) {
          throw expired(id, to);
        }
        return;
      }
      throw table.snapshot(id) == null ? expired(id, to) : notAnAncestor(id, to);
    }

    private FirnException notAnAncestor(long from, Snapshot to) {
      if (table.snapshot(from) == null) {
        return expired(from, to);
      }
      Snapshot common = common(from, to);
      return FirnException.invalid(
          "Cannot read changes from snapshot %d to %d: the first is no ancestor of the second, for the table was rolled back or they are on different branches; ask for the net difference, which any two snapshots have%s [table %s]"
              .formatted(
                  from,
                  to.snapshotId(),
                  common == null
                      ? ""
                      : ", or start from " + common.snapshotId() + ", where they part",
                  table.name()));
    }

    private @Nullable Snapshot common(long from, Snapshot to) {
      List<Long> line = new ArrayList<>();
      for (Snapshot at = to; at != null; at = parent(at)) {
        line.add(at.snapshotId());
      }
      Snapshot at = table.snapshot(from);
      while (at != null && !line.contains(at.snapshotId())) {
        at = parent(at);
      }
      return at;
    }

    private List<ChangeStep> steps(List<Snapshot> line) {
      List<ChangeStep> steps = new ArrayList<>();
      for (Snapshot snapshot : line) {
        boolean appended = appended(snapshot);
        if (DataOperations.REPLACE.equals(snapshot.operation())) {
          continue;
        }
        if (request.mode() == ChangeRequest.Mode.APPENDS
            && !DataOperations.APPEND.equals(snapshot.operation())) {
          throw FirnException.invalid(
              "Cannot read appends alone: snapshot %s is a %s, expected appends; read all changes instead [table %s]"
                  .formatted(shown(snapshot), snapshot.operation(), table.name()));
        }
        steps.add(new ChangeStep(parent(snapshot), snapshot, appended, steps.size()));
      }
      return steps;
    }

    /** Whether the snapshot's own manifests say all that it did, by their sequence number. */
    private static boolean appended(Snapshot snapshot) {
      return DataOperations.APPEND.equals(snapshot.operation()) && snapshot.sequenceNumber() > 0;
    }
  }
}
