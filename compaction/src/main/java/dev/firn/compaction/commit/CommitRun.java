package dev.firn.compaction.commit;

import dev.firn.compaction.rewrite.Rewritten;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.hash.ContentHash;
import dev.firn.format.write.CommitTurn;
import dev.firn.format.write.FileRegistrar;
import dev.firn.format.write.WrittenFiles;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.CleanableFailure;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ValidationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One commit of rewritten groups, round by round. Confined to one thread; used once. Owns the
 * outputs, and the delete files that it writes, until the table has them.
 */
final class CommitRun {
  private static final Logger LOG = LoggerFactory.getLogger(CommitRun.class);

  /** So many refusals in a row, with nothing new in the table, are no lost race. */
  private static final int REFUSALS = 3;

  private final Table table;
  private final Base base;
  private final List<Rewritten> rewritten;
  private final List<RewrittenGroup> groups = new ArrayList<>();
  private final BufferAllocator allocator;
  private final FileRegistrar registrar;
  private final Runnable beforeRound;
  private final Map<String, String> notes;
  private final OutputDeletes outputDeletes;
  private final String operationId = UUID.randomUUID().toString();
  private final List<Long> rounds = new ArrayList<>();
  private Collection<DeleteFile> outdated = List.of();
  private @Nullable Set<String> shared;
  private long goneBefore;
  private @Nullable DeleteCopy copy;
  private @Nullable Prepared prepared;
  private int conflicts;
  private int refusals;
  private boolean committing;

  CommitRun(
      Table table,
      Base base,
      List<Rewritten> rewritten,
      BufferAllocator allocator,
      FileRegistrar registrar,
      Runnable beforeRound,
      Map<String, String> notes) {
    this.table = table;
    this.base = base;
    this.rewritten = List.copyOf(rewritten);
    this.allocator = allocator;
    this.registrar = registrar;
    this.beforeRound = beforeRound;
    this.notes = notes;
    this.outputDeletes = new OutputDeletes(table, registrar);
  }

  /**
   * {@code unneeded}: delete files that go too, where they are still there and apply to no file.
   */
  RewriteCommit.Committed commit(Patience patience, Collection<DeleteFile> unneeded) {
    outdated = unneeded;
    try {
      for (Rewritten each : rewritten) {
        groups.add(new RewrittenGroup(each, table.specs()));
      }
      return rounds(patience);
    } catch (CommitStateUnknownException e) {
      throw unknown(e);
    } catch (RuntimeException | Error e) {
      if (isKnownUncommitted(e)) {
        removeEverything();
      }
      throw e;
    } finally {
      turn(CommitTurn::release);
    }
  }

  private RewriteCommit.Committed rounds(Patience patience) {
    long start = System.nanoTime();
    Lookout lookout = new Lookout(table, base.snapshot(), base.manifests(), groups, allocator);
    outdated.forEach(lookout.deletes()::add);
    while (true) {
      long round = look(lookout);
      Swap swap = swap(lookout);
      Snapshot head = lookout.last();
      boolean idle =
          swap.going().isEmpty() && (outdated.isEmpty() || swap.deletesGoing().isEmpty());
      if (idle || head == null) {
        removeEverything();
        return nothing();
      }
      beforeRound.run();
      try {
        committing = true;
        update(swap, head).commit();
        rounds.add(System.nanoTime() - round);
        return applied(swap);
      } catch (ValidationException | CommitFailedException | IllegalArgumentException e) {
        // An illegal argument: history expired under a row delta, which checks it so.
        committing = false;
        rounds.add(System.nanoTime() - round);
        lost(e, head, patience, start);
      }
    }
  }

  /**
   * Looks until there is little left to look at, and, where others write, little to be written;
   * then with nobody else committing.
   */
  private long look(Lookout lookout) {
    refresh();
    boolean isNews = lookout.look();
    if (isNews || conflicts > 0) {
      prepare(lookout);
      turn(CommitTurn::claim);
    }
    long start = System.nanoTime();
    refresh();
    lookout.look();
    return start;
  }

  private void refresh() {
    table.refresh();
    base.requireSameFormat(table);
  }

  private void prepare(Lookout lookout) {
    discardPrepared();
    removeGone();
    if (lookout.last() != null) {
      prepared = Prepared.of(table, Swap.of(groups, List.of(), List.of()));
    }
  }

  /** Whatever becomes of the commit: what was prepared for it is its own from here on. */
  private SnapshotUpdate<?> update(Swap swap, Snapshot head) {
    Prepared ready = prepared;
    if (ready != null && ready.fits(swap)) {
      prepared = null;
      return ready.with(swap, head, summary());
    }
    discardPrepared();
    return swap.on(table, head, summary());
  }

  private void discardPrepared() {
    Prepared unused = prepared;
    prepared = null;
    if (unused != null) {
      unused.discard(table);
    }
  }

  private void removeGone() {
    groups.removeIf(group -> group.isGone() || isStuck(group));
  }

  private Swap swap(Lookout lookout) {
    removeGone();
    Snapshot head = lookout.last();
    long gone = lookout.gone();
    // Rows of a source that went may be in a file of the same age, which the deletes apply to.
    if (head != null && (shared == null || gone > goneBefore)) {
      goneBefore = gone;
      shared = Dangling.shared(table, head.snapshotId(), lookout.deletes(), lookout.locations());
    }
    Swap swap = Swap.of(groups, dangling(lookout), outputDeletes.of(groups));
    if (!swap.lacksGoingDelete()) {
      removeCopy();
      return swap;
    }
    DeleteCopy known = copy;
    if (known == null || !lookout.deletes().contains(known.original())) {
      removeCopy();
      copy = DeleteCopy.ofSmallest(table, lookout.deletes(), registrar).orElse(null);
    }
    return copy == null ? swap : swap.with(copy);
  }

  /** Format version 1 has no deletes, with which rows of a source that went could be left out. */
  private boolean isStuck(RewrittenGroup group) {
    return base.formatVersion() < 2 && group.deadRows() > 0;
  }

  /** Delete files that apply to no file once the sources are gone. */
  private List<DeleteFile> dangling(Lookout lookout) {
    List<DeleteFile> files = new ArrayList<>();
    for (DeleteFile delete : lookout.deletes().all()) {
      if (LiveDeletes.isForOneFile(delete)
          || Objects.requireNonNull(shared).contains(LiveDeletes.key(delete))) {
        files.add(delete);
      }
    }
    return files;
  }

  private Map<String, String> summary() {
    ContentHash content = ContentHash.EMPTY;
    for (RewrittenGroup group : groups) {
      content = content.plus(group.rewritten().content());
    }
    Map<String, String> summary = new HashMap<>(notes);
    summary.put(RewriteCommit.OPERATION_ID, operationId);
    if (groups.stream().noneMatch(RewrittenGroup::lacksOutputs)) {
      summary.put(RewriteCommit.CONTENT_HASH, content.toString());
      summary.put(RewriteCommit.SCHEMA_ID, Integer.toString(base.schemaId()));
    }
    summary.put(RewriteCommit.ROWS_REBASED, Long.toString(rowsRebased()));
    return summary;
  }

  private long rowsRebased() {
    return groups.stream().mapToLong(RewrittenGroup::deadRows).sum();
  }

  private void lost(RuntimeException e, Snapshot head, Patience patience, long start) {
    conflicts++;
    LOG.debug("Round {} of a commit to {} is lost", conflicts, table.name(), e);
    refresh();
    Snapshot now = table.currentSnapshot();
    boolean isNews = now == null || now.snapshotId() != head.snapshotId();
    refusals = isNews || e instanceof CommitFailedException ? 0 : refusals + 1;
    if (refusals == REFUSALS) {
      throw e;
    }
    if (patience.isOver(start)) {
      throw conflict(patience, e);
    }
    if (!turn(turn -> {})) {
      patience.pause(conflicts);
    }
  }

  /** Returns whether commits to the table take turns. */
  private boolean turn(Consumer<CommitTurn> action) {
    if (table instanceof HasTableOperations ours && ours.operations() instanceof CommitTurn turn) {
      action.accept(turn);
      return true;
    }
    return false;
  }

  /** Only an Iceberg commit fails in ways that leave its outcome open. */
  private boolean isKnownUncommitted(Throwable e) {
    return !committing
        || e instanceof CleanableFailure
        || (e instanceof UncheckedIOException && isAbsent());
  }

  /** The store fails before the swap, while manifests and metadata are written; still, look. */
  private boolean isAbsent() {
    try {
      table.refresh();
      return snapshotId().isEmpty();
    } catch (RuntimeException e) {
      return false;
    }
  }

  private OptionalLong snapshotId() {
    for (Snapshot snapshot : table.snapshots()) {
      if (operationId.equals(snapshot.summary().get(RewriteCommit.OPERATION_ID))) {
        return OptionalLong.of(snapshot.snapshotId());
      }
    }
    return OptionalLong.empty();
  }

  private RewriteCommit.Committed nothing() {
    return new RewriteCommit.Committed(
        OptionalLong.empty(), 0, 0, 0, 0, 0, 0, 0, conflicts, longest());
  }

  /** The commit is applied: what fails here must not look as if it had not been. */
  private RewriteCommit.Committed applied(Swap swap) {
    OptionalLong id = OptionalLong.empty();
    try {
      removeOutputsBut(swap.coming());
      id = snapshotId();
    } catch (RuntimeException e) {
      LOG.warn("A rewrite of {} is committed, but could not be read back", table.name(), e);
    }
    RewriteCommit.Committed committed =
        new RewriteCommit.Committed(
            id,
            swap.going().size(),
            swap.coming().size(),
            swap.deletesGoing().size(),
            bytes(swap.going()),
            bytes(swap.coming()),
            swap.coming().stream().mapToLong(DataFile::recordCount).sum(),
            rowsRebased(),
            conflicts,
            longest());
    LOG.info("Rewrote files of {}: {}", table.name(), committed);
    return committed;
  }

  private static long bytes(List<DataFile> files) {
    return files.stream().mapToLong(DataFile::fileSizeInBytes).sum();
  }

  private Duration longest() {
    return Duration.ofNanos(rounds.stream().mapToLong(Long::longValue).max().orElse(0));
  }

  private void removeEverything() {
    discardPrepared();
    outputDeletes.remove();
    removeCopy();
    removeOutputsBut(List.of());
  }

  private void removeCopy() {
    DeleteCopy unused = copy;
    copy = null;
    if (unused != null) {
      remove(List.of(unused.copy().location()));
    }
  }

  private void removeOutputsBut(List<DataFile> kept) {
    Set<String> stay = kept.stream().map(DataFile::location).collect(Collectors.toSet());
    List<String> unused = new ArrayList<>();
    for (Rewritten each : rewritten) {
      for (DataFile output : each.outputs()) {
        if (!stay.contains(output.location())) {
          unused.add(output.location());
        }
      }
    }
    remove(unused);
  }

  private void remove(List<String> locations) {
    registrar.removed(WrittenFiles.remove(table.io(), locations));
  }

  private FirnException conflict(Patience patience, RuntimeException last) {
    return new FirnException(
        ErrorKind.CONFLICT,
        "Cannot compact "
            + table.name()
            + ": other writers changed the files being merged first, in each of "
            + conflicts
            + " rounds within "
            + patience.atMost()
            + ", last: "
            + last.getMessage()
            + "; nothing was changed and nothing is lost: run again when there is less writing",
        last);
  }

  private FirnException unknown(CommitStateUnknownException e) {
    return new FirnException(
        ErrorKind.COMMIT_STATE_UNKNOWN,
        "Cannot tell whether the compaction of "
            + table.name()
            + " was committed: the catalog did not answer; no file was removed; it was if a"
            + " snapshot's summary has "
            + RewriteCommit.OPERATION_ID
            + "="
            + operationId,
        e);
  }
}
