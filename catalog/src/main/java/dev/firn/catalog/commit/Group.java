package dev.firn.catalog.commit;

import dev.firn.catalog.error.IcebergErrors;
import dev.firn.catalog.jdbc.ChannelMove;
import dev.firn.catalog.jdbc.Pointers;
import dev.firn.catalog.table.TableName;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.jspecify.annotations.Nullable;

/**
 * Brings the members of one group to their outcome: one swap for all that are good. Confined to one
 * thread.
 *
 * <p>How it works: every member is staged on the newest metadata, consecutive appends as one step.
 * A step that fails by its input is halved and staged again, so that a bad member fails alone. A
 * pointer that another process moved in between costs another round, on newer metadata, for at most
 * {@link #PATIENCE}; Iceberg's {@code commit.retry.*} does not apply.
 */
final class Group {
  /** How long a group meets commits of other processes before its members fail with a conflict. */
  static final Duration PATIENCE = Duration.ofMinutes(1);

  private final TableIdentifier table;
  private final TableStore store;
  private final List<Member> unplanned;
  private List<GroupStep> steps = List.of();

  Group(TableIdentifier table, TableStore store, List<Member> members) {
    this.table = table;
    this.store = store;
    this.unplanned = new ArrayList<>(members);
  }

  /**
   * What a group that was applied leaves to be done, once its members know.
   *
   * @param leftOut files that its members wrote and no table needs
   */
  record Applied(TableMetadata base, TableMetadata current, List<String> leftOut) {}

  /** Completes every member; returns what was applied, null where nothing was. Never throws. */
  @Nullable Applied run() {
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (!steps.isEmpty() || !unplanned.isEmpty()) {
        Round round = new Round();
        if (round.run()) {
          return round.applied;
        }
        if (System.nanoTime() - giveUp > 0) {
          failAll(
              new CommitFailedException(
                  "Other writers came first for %s seconds", PATIENCE.toSeconds()));
        }
      }
    } catch (RuntimeException | Error e) {
      // A defect of ours. What may have been applied by then has been told.
      failAll(e instanceof RuntimeException known ? known : new IllegalStateException(e));
    }
    return null;
  }

  /** One attempt: stage, write, swap. */
  private final class Round {
    private final List<GroupStep> staged = new ArrayList<>();
    private @Nullable Applied applied;

    /** Returns whether every member has its outcome. */
    boolean run() {
      Staging staging;
      try {
        staging = new Staging(table, newest(), store);
        steps = planned(staging.base());
      } catch (RuntimeException e) {
        failAll(e);
        return true;
      }
      stageAll(staging);
      steps = new ArrayList<>(staged);
      if (!staging.isChanged()) {
        staging.discard();
        acknowledge(staging.base());
        return true;
      }
      return swap(staging);
    }

    /** Those of the round before, or all members. */
    private List<GroupStep> planned(TableMetadata base) {
      List<GroupStep> all = new ArrayList<>(steps);
      all.addAll(GroupStep.plan(unplanned, base));
      unplanned.clear();
      return all;
    }

    private void stageAll(Staging staging) {
      for (GroupStep step : steps) {
        Set<Member> misplaced = misplaced(step, staging.base().uuid());
        if (misplaced.isEmpty()) {
          stage(staging, step);
        } else {
          step.discard();
          step.without(misplaced, staging.base()).forEach(rest -> stage(staging, rest));
        }
      }
    }

    private void stage(Staging staging, GroupStep step) {
      if (!step.isMergeable(staging)) {
        step.discard();
        stagePart(staging, step.members());
        return;
      }
      try {
        step.stage(staging);
        staged.add(step);
      } catch (RuntimeException e) {
        step.discard();
        List<? extends Member> members = step.members();
        if (members.size() == 1 || !isOfInput(e)) {
          members.forEach(member -> member.fail(e));
          return;
        }
        int half = members.size() / 2;
        stagePart(staging, members.subList(0, half));
        stagePart(staging, members.subList(half, members.size()));
      }
    }

    private void stagePart(Staging staging, List<? extends Member> members) {
      GroupStep.plan(members, staging.metadata()).forEach(part -> stage(staging, part));
    }

    private boolean swap(Staging staging) {
      Pointers.Swap swap;
      try {
        swap = new Pointers.Swap(List.of(staging.write()), channels(), intents());
      } catch (RuntimeException e) {
        staging.discard();
        failAll(e);
        return true;
      }
      Pointers.Result result;
      try {
        result = store.pointers().swap(swap);
      } catch (FirnException e) {
        if (e.kind() != ErrorKind.COMMIT_STATE_UNKNOWN) {
          staging.discard();
          failAll(e);
        } else {
          unknown(e);
        }
        return true;
      } catch (RuntimeException | Error e) {
        unknown(e);
        return true;
      }
      if (result instanceof Pointers.Result.Applied) {
        TableMetadata current = staging.applied();
        applied =
            new Applied(
                staging.base(),
                current,
                staged.stream().flatMap(step -> step.leftOut().stream()).toList());
        acknowledge(current);
        return true;
      }
      staging.discard();
      if (result instanceof Pointers.Result.Refused refused) {
        refuse(refused, staging.base());
      }
      return steps.isEmpty();
    }

    private void acknowledge(TableMetadata current) {
      // From here on nothing may be taken for failed, or cleaned up.
      steps = List.of();
      int position = 0;
      for (GroupStep step : staged) {
        step.applied(current, position);
        position += step.members().size();
      }
    }
  }

  private TableMetadata newest() {
    TableMetadata current = store.current(table);
    if (current == null) {
      throw new NoSuchTableException("Table does not exist: %s", TableName.format(table));
    }
    return current;
  }

  /** Fails the members that are meant for a table of this name that is gone, and returns them. */
  private Set<Member> misplaced(GroupStep step, @Nullable String uuid) {
    Set<Member> misplaced = new HashSet<>();
    for (Member member : step.members()) {
      if (member instanceof RowMember rows && !isFor(rows, uuid)) {
        member.fail(
            FirnException.notFound(
                "Cannot commit to %s: the table was dropped and made again since, expected table %s, got %s; load it anew"
                    .formatted(TableName.format(table), rows.tableUuid(), uuid)));
        misplaced.add(member);
      }
    }
    return misplaced;
  }

  private static boolean isFor(RowMember rows, @Nullable String uuid) {
    ChannelMove channel = rows.request().channel();
    return Objects.equals(rows.tableUuid(), uuid)
        && (channel == null || channel.tableUuid().equals(uuid));
  }

  /** Whether another member could fare better: it is not the stores, and not the table. */
  private static boolean isOfInput(RuntimeException error) {
    return switch (IcebergErrors.translate("commit", error).kind()) {
      case UNAVAILABLE, CORRUPT, COMMIT_STATE_UNKNOWN -> false;
      case CONFLICT, INVALID, NOT_FOUND, ALREADY_EXISTS, INTERNAL -> true;
    };
  }

  private List<ChannelMove> channels() {
    List<ChannelMove> moves = new ArrayList<>();
    forEachRow(
        (rows, member) -> {
          ChannelMove move = move(rows, member);
          if (move != null) {
            moves.add(move);
          }
        });
    return moves;
  }

  private List<UUID> intents() {
    List<UUID> intents = new ArrayList<>();
    steps.forEach(step -> step.members().forEach(member -> intents.addAll(member.intents())));
    return intents;
  }

  private static @Nullable ChannelMove move(GroupStep.Rows rows, RowMember member) {
    ChannelMove move = member.request().channel();
    return move == null ? null : move.withSnapshot(rows.snapshot().snapshotId());
  }

  /** Fails those that the database refused; the others are for the next round. */
  private void refuse(Pointers.Result.Refused refused, TableMetadata base) {
    Set<Member> gone = new HashSet<>();
    Set<UUID> swept = Set.copyOf(refused.intents());
    forEachRow(
        (rows, member) -> {
          ChannelMove move = move(rows, member);
          if (move != null && refused.channels().contains(move)) {
            member.fail(conflict(fenced(move)));
            gone.add(member);
          }
        });
    for (GroupStep step : steps) {
      for (Member member : step.members()) {
        if (!gone.contains(member) && member.intents().stream().anyMatch(swept::contains)) {
          member.fail(conflict(swept()));
          gone.add(member);
        }
      }
    }
    if (gone.isEmpty()) {
      throw new IllegalStateException("Cannot find who was refused: " + refused);
    }
    List<GroupStep> rest = new ArrayList<>();
    for (GroupStep step : steps) {
      if (step.members().stream().noneMatch(gone::contains)) {
        rest.add(step);
      } else {
        step.discard();
        rest.addAll(step.without(gone, base));
      }
    }
    steps = rest;
  }

  private FirnException conflict(String reason) {
    return new FirnException(
        ErrorKind.CONFLICT, "Cannot commit to " + TableName.format(table) + ": " + reason);
  }

  private static String fenced(ChannelMove move) {
    return "another writer has opened channel %s since, and this one's epoch %d is over; open it again and resume after its last token"
        .formatted(move.channel(), move.epoch());
  }

  private static String swept() {
    return "its files have been swept, because its process's lease ended before it committed; write them again";
  }

  private interface RowVisitor {
    void visit(GroupStep.Rows rows, RowMember member);
  }

  private void forEachRow(RowVisitor visitor) {
    for (GroupStep step : steps) {
      if (step instanceof GroupStep.Rows rows) {
        rows.members().forEach(member -> visitor.visit(rows, member));
      }
    }
  }

  /** Nothing was applied, and nothing of it will be. */
  private void failAll(RuntimeException error) {
    for (GroupStep step : steps) {
      step.discard();
      step.members().forEach(member -> member.fail(error));
    }
    unplanned.forEach(member -> member.fail(error));
    unplanned.clear();
    steps = List.of();
  }

  /** It may have been applied: all are told so, and every file stays. */
  private void unknown(Throwable error) {
    CommitStateUnknownException unknown =
        error instanceof CommitStateUnknownException known
            ? known
            : new CommitStateUnknownException(error);
    for (GroupStep step : steps) {
      step.members().forEach(member -> member.fail(unknown));
    }
    steps = List.of();
  }
}
