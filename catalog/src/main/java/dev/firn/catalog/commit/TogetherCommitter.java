package dev.firn.catalog.commit;

import dev.firn.catalog.error.IcebergErrors;
import dev.firn.catalog.jdbc.ChannelMove;
import dev.firn.catalog.jdbc.Pointers;
import dev.firn.catalog.table.TableName;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NotFoundException;

/**
 * Reads several tables as of one moment, and commits changes of several in one swap. Thread-safe;
 * borrows everything.
 *
 * <p>How it works: the lanes of all tables are held, in name order, so that no group of this
 * process comes in between; the newest metadata of all is read as of one moment; each table's
 * changes are staged on it, side by side; one swap moves all pointers. Where another process moved
 * one of them meanwhile, everything is staged again, for at most {@link Group#PATIENCE}: appends
 * then apply again, and what does not is a conflict of that table.
 */
final class TogetherCommitter {
  /** Each needs a hundred commits between the look-up and the read to be in vain. */
  private static final int READS = 5;

  private static final long LONGEST_PAUSE_MILLIS = 100;

  private final TableStore store;
  private final Lanes lanes;
  private final StagingThreads threads;

  TogetherCommitter(TableStore store, Lanes lanes, StagingThreads threads) {
    this.store = store;
    this.lanes = lanes;
    this.threads = threads;
  }

  /** As {@link Commits#readTogether}. */
  Map<TableIdentifier, TableMetadata> read(Collection<TableIdentifier> tables) {
    for (int attempt = 1; ; attempt++) {
      Map<TableIdentifier, String> locations = store.pointers().findAll(tables);
      try {
        return read(locations);
      } catch (NotFoundException e) {
        // Old metadata files go with later commits.
        if (attempt == READS || store.pointers().findAll(tables).equals(locations)) {
          throw e;
        }
      }
    }
  }

  private Map<TableIdentifier, TableMetadata> read(Map<TableIdentifier, String> locations) {
    List<TableIdentifier> tables = List.copyOf(locations.keySet());
    List<TableMetadata> read =
        threads.all(tables, table -> store.read(table, locations.getOrDefault(table, "")));
    Map<TableIdentifier, TableMetadata> all = new LinkedHashMap<>();
    for (int i = 0; i < tables.size(); i++) {
      all.put(tables.get(i), read.get(i));
    }
    return all;
  }

  /** A commit that was applied, and what it leaves to be done once its caller knows. */
  record Committed(
      Map<TableIdentifier, List<CommitReceipt>> receipts,
      Map<TableIdentifier, Group.Applied> applied) {}

  /** As {@link Commits#commitTogether}. */
  Committed commit(List<TableChanges> changes) {
    List<TogetherMember> members =
        changes.stream()
            .sorted(Comparator.comparing(each -> each.table().toString()))
            .map(each -> new TogetherMember(each, store))
            .toList();
    requireDistinct(members);
    List<Lane.Hold> holds = new ArrayList<>();
    try {
      members.forEach(member -> holds.add(lanes.hold(member.table(), null)));
      return commitHeld(members);
    } finally {
      holds.forEach(Lane.Hold::close);
    }
  }

  private static void requireDistinct(List<TogetherMember> ordered) {
    for (int i = 1; i < ordered.size(); i++) {
      TableIdentifier table = ordered.get(i).table();
      if (table.equals(ordered.get(i - 1).table())) {
        throw FirnException.invalid(
            "Cannot commit to several tables: %s is named twice, expected its changes as one"
                .formatted(TableName.format(table)));
      }
    }
  }

  private Committed commitHeld(List<TogetherMember> members) {
    long giveUp = System.nanoTime() + Group.PATIENCE.toNanos();
    for (int attempt = 1; ; attempt++) {
      Pointers.Result result = attempt(members);
      if (result instanceof Pointers.Result.Applied) {
        return committed(members);
      }
      if (result instanceof Pointers.Result.Refused refused) {
        members.forEach(TogetherMember::discard);
        throw conflict(members, refused(refused));
      }
      if (System.nanoTime() - giveUp > 0) {
        members.forEach(TogetherMember::discard);
        throw conflict(
            members,
            "other writers came first for %d seconds; nothing was applied, try again"
                .formatted(Group.PATIENCE.toSeconds()));
      }
      members.forEach(TogetherMember::retry);
      pause(attempt);
    }
  }

  /**
   * Throws only where nothing was applied, and removes what was written; or where it is unknown.
   */
  private Pointers.Result attempt(List<TogetherMember> members) {
    Pointers.Swap swap;
    try {
      Map<TableIdentifier, TableMetadata> newest =
          read(members.stream().map(TogetherMember::table).toList());
      // All end before any failure is told, so that nothing is written after the clean-up.
      threads.all(
          members,
          member -> {
            member.stage(newest.get(member.table()));
            return member;
          });
      swap = swap(members);
    } catch (RuntimeException e) {
      members.forEach(TogetherMember::discard);
      throw IcebergErrors.translate("commit to " + names(members), e);
    }
    if (isEmpty(swap)) {
      return new Pointers.Result.Applied();
    }
    try {
      return store.pointers().swap(swap);
    } catch (RuntimeException | Error e) {
      throw failed(members, e);
    }
  }

  private static Pointers.Swap swap(List<TogetherMember> members) {
    List<Pointers.Move> moves = new ArrayList<>();
    List<Pointers.Unchanged> unchanged = new ArrayList<>();
    List<ChannelMove> channels = new ArrayList<>();
    List<UUID> intents = new ArrayList<>();
    members.forEach(member -> member.addTo(moves, unchanged, channels, intents));
    return new Pointers.Swap(moves, unchanged, channels, intents);
  }

  /** Tables that only had to be unchanged were so, as of one moment, when they were read. */
  private static boolean isEmpty(Pointers.Swap swap) {
    return swap.moves().isEmpty() && swap.channels().isEmpty() && swap.intents().isEmpty();
  }

  /** What is not known to have had no effect may have had it. */
  private static FirnException failed(List<TogetherMember> members, Throwable error) {
    String doing = "commit to " + names(members);
    boolean refused =
        error instanceof AlreadyExistsException
            || error instanceof NoSuchNamespaceException
            || (error instanceof FirnException known
                && known.kind() != ErrorKind.COMMIT_STATE_UNKNOWN);
    if (refused) {
      members.forEach(TogetherMember::discard);
      return IcebergErrors.translate(doing, (RuntimeException) error);
    }
    return IcebergErrors.translate(
        doing,
        error instanceof CommitStateUnknownException || error instanceof FirnException
            ? (RuntimeException) error
            : new CommitStateUnknownException(error));
  }

  private static Committed committed(List<TogetherMember> members) {
    Map<TableIdentifier, List<CommitReceipt>> receipts = new LinkedHashMap<>();
    Map<TableIdentifier, Group.Applied> applied = new LinkedHashMap<>();
    for (TogetherMember member : members) {
      receipts.put(member.table(), member.receipts());
      Group.Applied one = member.applied();
      if (one != null) {
        applied.put(member.table(), one);
      }
    }
    return new Committed(receipts, applied);
  }

  private static FirnException conflict(List<TogetherMember> members, String reason) {
    return new FirnException(
        ErrorKind.CONFLICT, "Cannot commit to " + names(members) + ": " + reason);
  }

  private static String refused(Pointers.Result.Refused refused) {
    return refused.channels().isEmpty()
        ? "its files have been swept, because its process's lease ended before it committed; write them again"
        : "another writer has opened channel %s since, and this one's epoch is over; open it again and resume after its last token"
            .formatted(
                refused.channels().stream()
                    .map(ChannelMove::channel)
                    .collect(Collectors.joining(", ")));
  }

  private static String names(List<TogetherMember> members) {
    return members.stream()
        .map(member -> TableName.format(member.table()))
        .collect(Collectors.joining(", "));
  }

  /** Processes that meet each other over and over part. */
  private static void pause(int attempt) {
    long longest = Math.min(LONGEST_PAUSE_MILLIS, 1L << Math.min(attempt, Integer.SIZE - 2));
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong(longest + 1));
    } catch (InterruptedException e) {
      // The commit goes on: it cannot be called back.
      Thread.currentThread().interrupt();
    }
  }
}
