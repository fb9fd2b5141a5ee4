package dev.firn.catalog.commit;

import dev.firn.catalog.error.IcebergErrors;
import dev.firn.catalog.jdbc.Intents;
import dev.firn.catalog.jdbc.Pointers;
import dev.firn.catalog.table.TableName;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The commits of one catalog: a lane per table, in which everything pending becomes one swap.
 * Thread-safe; borrows the database and the stores, owns its threads until {@link #close()}.
 *
 * <p>Groups form by themselves: what arrives while a group is being committed is the next group, at
 * most 2,000 members and 20,000 files. No group waits for company, unless all of its members allow
 * it ({@link CommitRequest#within}). In a lane, changes take effect in the order in which they were
 * submitted.
 */
public final class Commits implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Commits.class);

  private final TableStore store;
  private final Lanes lanes;
  private final Looks looks = new Looks();
  private final Aftermath aftermath;
  private final StagingThreads stagers = new StagingThreads();
  private final TogetherCommitter together;

  public Commits(Pointers pointers, FileIO stores, Intents intents) {
    this.store = new TableStore(pointers, stores, intents);
    this.aftermath = new Aftermath(store);
    this.lanes = new Lanes(this::run);
    this.together = new TogetherCommitter(store, lanes, stagers);
  }

  private void run(TableIdentifier table, List<Member> members) {
    Group.Applied applied = new Group(table, store, members).run();
    if (applied != null) {
      aftermath.of(table, applied);
    }
  }

  /**
   * Returns the metadata of all of {@code tables} that exist, in their order, as of one moment: no
   * commit over several of them is seen in part.
   *
   * @throws org.apache.iceberg.exceptions.NotFoundException where a metadata file is gone
   */
  public Map<TableIdentifier, TableMetadata> readTogether(Collection<TableIdentifier> tables) {
    return together.read(tables);
  }

  /** Begins a transaction's changes of a table that it read. The caller closes it. */
  public StagedTable stage(TableIdentifier table, TableMetadata start) {
    return StagedTable.of(table, start, store);
  }

  /**
   * Begins a transaction's table of its own, from metadata in no file yet. The caller closes it.
   */
  public StagedTable stageNew(TableIdentifier table, TableMetadata created) {
    return StagedTable.create(table, created, store);
  }

  /** Returns new operations of a table, for Iceberg's own API; what they commit joins the lane. */
  public TableOperations operations(TableIdentifier table) {
    return new LaneOperations(table, this);
  }

  /**
   * From now on, each commit through these operations clears the write intents that {@code ids}
   * returns then, and is refused with kind CONFLICT where one has been swept.
   *
   * @throws IllegalArgumentException for operations that are not of {@link #operations}
   */
  public static void clearing(TableOperations operations, Supplier<List<UUID>> ids) {
    if (!(operations instanceof LaneOperations ours)) {
      throw new IllegalArgumentException("Cannot clear write intents by " + operations);
    }
    ours.clears(ids);
  }

  /**
   * From now on {@code listener} is told of commits; those that end at once are told as one. What
   * is returned ends that when it is run.
   */
  public Runnable listen(CommitListener listener) {
    return aftermath.listen(listener);
  }

  /**
   * As {@link #submit(TableIdentifier, String, CommitRequest)}, for the table that this process
   * last saw under the name.
   */
  public CompletableFuture<CommitReceipt> submit(TableIdentifier table, CommitRequest request) {
    return submit(table, null, request);
  }

  /**
   * Puts a change into a table's lane. The future completes once the outcome is known: with the
   * receipt, or with a {@code FirnException} as {@link TableCommitter} documents it. What depends
   * on the future runs on the lane's thread, and must be short. Cancelling it withdraws the change
   * where its commit has not begun, and does nothing otherwise.
   *
   * <p>The calling thread waits while 10,000 changes are before it.
   *
   * @param tableUuid the table that the change is meant for: NOT_FOUND where another has its name
   *     by then. Null: the one that this process last saw
   * @throws java.util.concurrent.CancellationException where the thread is interrupted as it waits;
   *     the change is not in the lane
   */
  public CompletableFuture<CommitReceipt> submit(
      TableIdentifier table, @Nullable String tableUuid, CommitRequest request) {
    RowMember member;
    try {
      TableMetadata known = RequestChecks.check(table, store, request);
      member = RowMember.of(table, tableUuid == null ? known.uuid() : tableUuid, request);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(
          IcebergErrors.translate("commit to " + TableName.format(table), e));
    }
    member.outcome().waitsIn(lanes.put(table, member), member);
    return member.outcome();
  }

  /**
   * Begins a section in which nothing of this process commits to the table, and waits until it has
   * begun: what is looked at in it can be changed through it, and only other processes may come
   * between. The caller closes it; it ends by itself after {@code atMost}.
   *
   * @throws java.util.concurrent.CancellationException where the thread is interrupted as it waits
   */
  public CommitSection section(TableIdentifier table, Duration atMost) {
    return new CommitSection(this, table, hold(table, atMost));
  }

  /** As {@link #submit}, before all that waits; ends {@code hold}. */
  CompletableFuture<CommitReceipt> submit(
      TableIdentifier table, @Nullable String tableUuid, CommitRequest request, Lane.Hold hold) {
    RowMember member;
    try {
      TableMetadata known = RequestChecks.check(table, store, request);
      member = RowMember.of(table, tableUuid == null ? known.uuid() : tableUuid, request);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(
          IcebergErrors.translate("commit to " + TableName.format(table), e));
    }
    member.outcome().waitsIn(putAfter(table, member, hold), member);
    return member.outcome();
  }

  /** Returns the lane that the member is in. */
  private Lane putAfter(TableIdentifier table, Member member, Lane.Hold hold) {
    return hold.lane().putAfter(hold, member) ? hold.lane() : lanes.put(table, member);
  }

  /** Puts what Iceberg's API made into the lane, in place of {@code hold}, where there is one. */
  MetadataMember put(TableIdentifier table, MetadataMember member, Lane.@Nullable Hold hold) {
    Lane lane = hold == null ? lanes.put(table, member) : putAfter(table, member, hold);
    member.outcome().waitsIn(lane, member);
    return member;
  }

  /** Begins a section in which no group of the table's lane runs. */
  Lane.Hold hold(TableIdentifier table, @Nullable Duration atMost) {
    return lanes.hold(table, atMost);
  }

  Looks looks() {
    return looks;
  }

  TableStore store() {
    return store;
  }

  /**
   * Commits changes of several tables, all in one SQL transaction or none. Receipts by table, in
   * the order of its requests. Each table's changes are made on its newest metadata: appends never
   * conflict, and row deltas are checked from the snapshot that they were made of.
   *
   * <p>Outcomes: it returns, and everything is there; it throws COMMIT_STATE_UNKNOWN, and nothing
   * was removed; it throws anything else, and nothing was applied, while data and delete files are
   * the caller's to remove.
   *
   * @throws dev.firn.error.FirnException CONFLICT naming the table, or the channel that another
   *     writer opened; ALREADY_EXISTS where a table to be made is there
   */
  public Map<TableIdentifier, List<CommitReceipt>> commitTogether(List<TableChanges> changes) {
    if (changes.isEmpty()) {
      return Map.of();
    }
    TogetherCommitter.Committed committed = together.commit(changes);
    committed.applied().forEach(this::follow);
    return committed.receipts();
  }

  /** Nothing may look failed any more. */
  private void follow(TableIdentifier table, Group.Applied applied) {
    try {
      aftermath.of(table, applied);
    } catch (RuntimeException e) {
      LOG.warn("Cannot finish after a commit to {}", table, e);
    }
  }

  @Override
  public void close() {
    lanes.close();
    aftermath.close();
    stagers.close();
  }
}
