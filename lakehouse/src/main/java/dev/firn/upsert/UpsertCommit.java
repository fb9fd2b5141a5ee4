package dev.firn.upsert;

import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.catalog.commit.CommitRequest;
import dev.firn.catalog.commit.CommitSection;
import dev.firn.catalog.commit.Futures;
import dev.firn.catalog.commit.RowChange;
import dev.firn.catalog.error.IcebergErrors;
import dev.firn.catalog.intent.WriteIntent;
import dev.firn.catalog.jdbc.ChannelMove;
import dev.firn.catalog.table.TableName;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.write.RowDeleteWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.IsolationLevel;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;

/**
 * The commit of a batch of upserts: one snapshot, in which the batch's rows come and those that
 * they replace are marked. Confined to one thread.
 *
 * <p>How it is exact: it looks up the batch's keys in the newest snapshot, and marks what it finds.
 * The commit is accepted only where nobody has added a row since, by a change that reads everything
 * under serializable isolation; compactions do not count, unless they took a file that was marked.
 * Where it is refused, it looks again: only the marks are written anew. After {@value #LOSSES}
 * losses it looks within a section of the table's lane, where nothing of this process can come
 * between, so that only other processes can still be first; for {@link #PATIENCE} they may. The
 * batches of one table in one lakehouse take turns, so that they never lose to each other.
 *
 * <p>The row that replaces another has a {@code _row_id} of its own.
 */
public final class UpsertCommit {
  private static final int LOSSES = 3;
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration LONGEST_SECTION = Duration.ofSeconds(30);

  private final UpsertTarget target;
  private final String tableUuid;
  private final UpsertBatch batch;
  private final @Nullable ChannelMove channel;

  private UpsertCommit(
      UpsertTarget target, String tableUuid, UpsertBatch batch, @Nullable ChannelMove channel) {
    this.target = target;
    this.tableUuid = tableUuid;
    this.batch = batch;
    this.channel = channel;
  }

  /**
   * Commits a batch, with the step of a channel where there is one, and hands its files over. Empty
   * where there is nothing to commit: no row comes, and none goes. Closing the batch is left to the
   * caller.
   *
   * <p>Applied: returns. Not applied: throws, and the marks are removed; the batch removes the rest
   * when it is closed. Unknown: throws with kind {@code COMMIT_STATE_UNKNOWN}, and nothing is.
   *
   * @throws FirnException CONFLICT where the channel was opened by another writer, where the
   *     table's key changed since the batch was begun, or where other processes kept coming first
   */
  public static Optional<CommitReceipt> run(
      UpsertTarget target, String tableUuid, UpsertBatch batch, @Nullable ChannelMove channel) {
    String doing = "upsert into " + TableName.format(target.table());
    try {
      return new UpsertCommit(target, tableUuid, batch, channel).run(batch.complete());
    } catch (RuntimeException e) {
      throw IcebergErrors.translate(doing, e);
    }
  }

  private Optional<CommitReceipt> run(List<Chunk> chunks) {
    try (IndexSession session = target.indexes().enter(tableUuid, target::load)) {
      session.table().refresh();
      requireSameKey(session);
      session.syncTo(session.table().currentSnapshot());
      session.save(table -> target.catalog().intentOf(target.table(), table));
      session.stage(chunks);
      long giveUp = System.nanoTime() + PATIENCE.toNanos();
      for (int losses = 0; ; losses++) {
        Attempt attempt = attempt(session, chunks, losses >= LOSSES);
        FirnException lost = attempt.lost();
        if (lost == null) {
          return Optional.ofNullable(attempt.receipt());
        }
        if (System.nanoTime() - giveUp > 0 || isShutOut()) {
          throw lost;
        }
      }
    }
  }

  /** What came of an attempt: a receipt, or nothing to commit, or others who came first. */
  private record Attempt(@Nullable CommitReceipt receipt, @Nullable FirnException lost) {}

  private Attempt attempt(IndexSession session, List<Chunk> chunks, boolean alone) {
    if (!alone || !target.catalog().isOurs()) {
      return attempt(session, chunks, null);
    }
    try (CommitSection section = target.catalog().section(target.table(), LONGEST_SECTION)) {
      return attempt(session, chunks, section);
    }
  }

  private Attempt attempt(
      IndexSession session, List<Chunk> chunks, @Nullable CommitSection section) {
    Table table = session.table();
    table.refresh();
    requireSameKey(session);
    Snapshot base = table.currentSnapshot();
    Runnable release = target.hold().apply(base);
    try {
      session.syncTo(base);
      RowDeleteWriter.Result marks = marks(session, chunks);
      List<DataFile> files = batch.files();
      if (files.isEmpty() && marks.added().isEmpty()) {
        return new Attempt(null, null);
      }
      return submitted(table, change(files, marks, base), section);
    } finally {
      release.run();
    }
  }

  private RowDeleteWriter.Result marks(IndexSession session, List<Chunk> chunks) {
    try (RowDeleteWriter marks = RowDeleteWriter.open(session.table(), batch.intent())) {
      for (int i = 0; i < chunks.size(); i++) {
        session.find(chunks.get(i), i, (key, task, row) -> marks.delete(task, row));
      }
      return marks.complete();
    }
  }

  private static RowChange change(
      List<DataFile> files, RowDeleteWriter.Result marks, @Nullable Snapshot base) {
    Set<String> own = files.stream().map(DataFile::location).collect(Collectors.toSet());
    return new RowChange(
        SnapshotRef.MAIN_BRANCH,
        files,
        List.of(),
        marks.added(),
        marks.superseded(),
        marks.referencedDataFiles().stream().filter(path -> !own.contains(path)).toList(),
        base == null ? null : base.snapshotId(),
        Expressions.alwaysTrue(),
        IsolationLevel.SERIALIZABLE,
        Map.of());
  }

  private Attempt submitted(Table table, RowChange change, @Nullable CommitSection section) {
    WriteIntent intent = batch.intent();
    CommitRequest request = new CommitRequest(change, null, channel, intent.ids(), Duration.ZERO);
    try {
      CompletableFuture<CommitReceipt> commit =
          section == null
              ? target.catalog().submit(target.table(), tableUuid, request)
              : section.submit(tableUuid, request);
      CommitReceipt receipt = Futures.await(commit);
      batch.handOver();
      return new Attempt(receipt, null);
    } catch (FirnException e) {
      if (!e.kind().nothingApplied()) {
        batch.handOver();
        throw e;
      }
      intent.discard(table.io(), change.deletes());
      if (e.kind() != ErrorKind.CONFLICT) {
        throw e;
      }
      return new Attempt(null, e);
    } catch (RuntimeException e) {
      // Withdrawn before it began.
      intent.discard(table.io(), change.deletes());
      throw e;
    }
  }

  /** Whether another writer has opened the channel: then no attempt can succeed. */
  private boolean isShutOut() {
    ChannelMove move = channel;
    return move != null
        && target.catalog().channels().list(tableUuid).stream()
            .noneMatch(
                each -> each.channel().equals(move.channel()) && each.epoch() == move.epoch());
  }

  private void requireSameKey(IndexSession session) {
    Table table = session.table();
    if (!table.uuid().toString().equals(tableUuid)) {
      throw FirnException.notFound(
          "Cannot upsert into %s: the table was dropped and made again since, expected %s, got %s; load it anew"
              .formatted(table.name(), tableUuid, table.uuid()));
    }
    if (!session.key().sameSchema(batch.key())) {
      throw new FirnException(
          ErrorKind.CONFLICT,
          "Cannot upsert into %s: its identifier fields were changed since the batch was begun, expected %s, got %s; write the batch again"
              .formatted(table.name(), batch.key().columns(), session.key().columns()));
    }
  }
}
