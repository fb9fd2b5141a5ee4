package dev.firn;

import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.catalog.commit.CommitRequest;
import dev.firn.catalog.error.IcebergErrors;
import dev.firn.catalog.intent.WriteIntent;
import dev.firn.catalog.jdbc.ChannelMove;
import dev.firn.catalog.jdbc.ChannelState;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;

/**
 * A writer of batches of rows, each of which becomes visible together with a token of the caller's,
 * or not at all. Confined to one thread; the futures it returns complete in others.
 *
 * <p>A token says how far the source has been read: an offset, a position, a key. The table keeps
 * the last one, whatever becomes of snapshots and files. So a source resumes after {@link
 * #lastToken()}, and no row is lost or repeated:
 *
 * <ul>
 *   <li>Commits apply in their order, and none after one that failed: from then on every call fails
 *       until the stream is closed and the channel opened anew.
 *   <li>Opening the channel again, anywhere, shuts this writer out: its commits fail with kind
 *       {@code CONFLICT}, and their files are removed.
 *   <li>After {@code COMMIT_STATE_UNKNOWN} the channel, opened again, tells whether the commit was
 *       applied: {@link #lastToken()} is its token, or the one before.
 * </ul>
 */
public final class StreamWriter extends RowWriter {
  /** The most commits that wait for their outcome at once. */
  public static final int MAX_IN_FLIGHT = 16;

  /** What {@link CommitReceipt#snapshotId()} is where a token moved without rows. */
  public static final long NO_SNAPSHOT = ChannelMove.NO_SNAPSHOT;

  private static final Duration AT_ONCE = Duration.ZERO;

  private final String doing;
  private final Table table;
  private final TableCommits commits;
  private final Upserts upserts;
  private final String tableUuid;
  private final ChannelState opened;
  private final Deque<CompletableFuture<CommitReceipt>> inFlight = new ArrayDeque<>();
  private final Progress progress;
  private @Nullable RowSink batch;
  // Set from a batch's first change by key on; then batch is null.
  private @Nullable UpsertSink changes;
  private long steps;
  private boolean closed;

  private StreamWriter(
      Table table, TableCommits commits, Upserts upserts, String tableUuid, ChannelState opened) {
    this.doing = "write to channel %s of %s".formatted(opened.channel(), table.name());
    this.table = table;
    this.commits = commits;
    this.upserts = upserts;
    this.tableUuid = tableUuid;
    this.opened = opened;
    this.progress = new Progress(opened.token());
  }

  static StreamWriter open(Table table, TableCommits commits, Upserts upserts, String channel) {
    table.refresh();
    String uuid = table.uuid().toString();
    ChannelState opened = commits.catalog().channels().open(uuid, channel);
    return new StreamWriter(table, commits, upserts, uuid, opened);
  }

  /** The outcomes so far, told by the threads that commit. Thread-safe. */
  private static final class Progress {
    private @Nullable String token;
    private long steps;
    private @Nullable FirnException failure;

    Progress(@Nullable String token) {
      this.token = token;
    }

    synchronized void moved(ChannelMove move) {
      if (move.step() > steps) {
        steps = move.step();
        token = move.token();
      }
    }

    /** Keeps the first failure: those after it are its consequence. */
    synchronized FirnException failed(FirnException next) {
      if (failure == null) {
        failure = next;
      }
      return failure;
    }

    synchronized @Nullable FirnException failure() {
      return failure;
    }

    synchronized Optional<String> token() {
      return Optional.ofNullable(token);
    }
  }

  /** Returns the channel's name. */
  public String channel() {
    return opened.channel();
  }

  /** Returns which opening of the channel this is, counted from 1. */
  public long epoch() {
    return opened.epoch();
  }

  /**
   * Returns the last token that is known to be durable: at first the one that the channel was left
   * with, later the one of the last commit that was acknowledged. Empty where there is none yet.
   */
  public Optional<String> lastToken() {
    return progress.token();
  }

  /** Returns the rows of the batch so far; those upserted and deleted count. */
  @Override
  public long rows() {
    UpsertSink keyed = changes;
    return keyed != null ? keyed.changes() : batch == null ? 0 : batch.rows();
  }

  /** Returns the bytes written or buffered for the batch so far, an estimate. */
  @Override
  public long bytes() {
    UpsertSink keyed = changes;
    return keyed != null ? keyed.bytes() : batch == null ? 0 : batch.bytes();
  }

  @Override
  public Schema schema() {
    UpsertSink keyed = changes;
    return keyed != null ? keyed.schema() : super.schema();
  }

  @Override
  public void write(Record row) {
    if (changes == null) {
      super.write(row);
    } else {
      changes().write(row);
    }
  }

  @Override
  public void write(VectorSchemaRoot rows) {
    if (changes == null) {
      super.write(rows);
    } else {
      changes().write(rows);
    }
  }

  @Override
  public void write(Object row) {
    if (changes == null) {
      super.write(row);
    } else {
      changes().write(row);
    }
  }

  @Override
  public void writeAll(Iterable<?> all) {
    if (changes == null) {
      super.writeAll(all);
    } else {
      all.forEach(changes()::write);
    }
  }

  /**
   * Adds an Iceberg record of {@link #schema()} in place of all rows that have its key, the values
   * of the table's identifier fields: of those in the table when the batch is committed, and of
   * those written before in the batch. Do not change the record afterwards.
   *
   * @throws FirnException INVALID where the table has no identifier fields or format version 1, and
   *     where the row does not fit, which leaves the batch as it was
   */
  public void upsert(Record row) {
    changes().upsert(row);
  }

  /**
   * As {@link #upsert(Record)}, for each row of an Arrow batch in order, columns matched by name.
   * The batch stays the caller's and may be reused at once.
   */
  public void upsert(VectorSchemaRoot rows) {
    changes().upsert(rows);
  }

  /** As {@link #upsert(Record)}, for a Java record or bean. */
  public void upsert(Object row) {
    changes().upsert(row);
  }

  /** Upserts each element as {@link #upsert(Object)}. */
  public void upsertAll(Iterable<?> all) {
    all.forEach(this::upsert);
  }

  /**
   * Deletes all rows that have the key of {@code row}: of those in the table when the batch is
   * committed, and of those written before in the batch. That there are none is no error. Columns
   * of {@code row} beside the key do not matter, and may be absent.
   *
   * @throws FirnException INVALID as {@link #upsert(Record)}, and where a column of the key is
   *     missing or null
   */
  public void delete(Record row) {
    changes().delete(row);
  }

  /** As {@link #delete(Record)}, for each row of an Arrow batch, which stays the caller's. */
  public void delete(VectorSchemaRoot rows) {
    changes().delete(rows);
  }

  /** As {@link #delete(Record)}, for a Java record or bean. */
  public void delete(Object row) {
    changes().delete(row);
  }

  /** The changes of the batch, begun here where there are none: rows written so far come first. */
  private UpsertSink changes() {
    requireUsable();
    UpsertSink keyed = changes;
    if (keyed != null) {
      return keyed;
    }
    RowSink before = batch;
    if (before == null) {
      refresh();
      keyed = upserts.open(doing, table, commits, commits.intent(table));
      changes = keyed;
    } else {
      long count = before.rows();
      keyed = upserts.open(doing, table, commits, before.intent());
      changes = keyed;
      keyed.after(complete(), count);
    }
    return keyed;
  }

  /**
   * Makes the batch and {@code token} durable together, after all earlier batches, and begins the
   * next one. The token of a batch that changes nothing moves alone: no snapshot is made, and the
   * receipt's snapshot is {@link #NO_SNAPSHOT}.
   *
   * <p>Applied: returns. Not applied: throws, the batch's files are removed. Unknown: throws with
   * kind {@code COMMIT_STATE_UNKNOWN}, the files stay. After either, close, open the channel again,
   * and resume after its {@link #lastToken()}.
   *
   * @param token at most 4,000 characters of text; another is INVALID, and the batch stays
   * @throws FirnException CONFLICT where another writer opened the channel
   */
  public CommitReceipt commit(String token) {
    return await(commitWithin(AT_ONCE, token));
  }

  /**
   * As {@link #commit(String)}, without waiting for the outcome, and with up to {@code time} for
   * other writers' commits to join: the longer, the fewer snapshots. Waits for the oldest commit
   * where {@value #MAX_IN_FLIGHT} are in flight, and for all where the batch has no rows. A batch
   * with upserts or deletes waits for all, and is committed in this thread, at once. The future
   * fails with a {@code FirnException}.
   */
  public CompletableFuture<CommitReceipt> commitWithin(Duration time, String token) {
    TableCommits.checkWait(doing, time);
    requireUsable();
    ChannelMove move =
        new ChannelMove(tableUuid, channel(), epoch(), steps + 1, token, ChannelMove.NO_SNAPSHOT);
    UpsertSink keyed = changes;
    if (keyed != null) {
      return commitChanges(keyed, move);
    }
    WriteIntent intent = batch == null ? WriteIntent.unrecorded() : batch.intent();
    List<DataFile> files = complete();
    forgetDone();
    while (inFlight.size() >= (files.isEmpty() ? 1 : MAX_IN_FLIGHT)) {
      settle(inFlight.remove());
    }
    steps = move.step();
    if (files.isEmpty()) {
      return moveAlone(move);
    }
    CompletableFuture<CommitReceipt> commit =
        Uncommitted.removeOnFailure(
                table.io(), files, intent, doing, submit(files, intent, move, time))
            .handle((receipt, e) -> told(move, receipt, e));
    inFlight.add(commit);
    return commit.copy();
  }

  /** Commits in this thread, after all that is in flight. */
  private CompletableFuture<CommitReceipt> commitChanges(UpsertSink keyed, ChannelMove move) {
    changes = null;
    while (!inFlight.isEmpty()) {
      settle(inFlight.remove());
    }
    steps = move.step();
    Optional<CommitReceipt> made;
    try (keyed) {
      // Refused by the database as well where an earlier one failed.
      requireUsable();
      made = keyed.commit(move);
    } catch (RuntimeException e) {
      return CompletableFuture.<CommitReceipt>failedFuture(e)
          .handle((none, error) -> told(move, none, error));
    }
    if (made.isEmpty()) {
      return moveAlone(move);
    }
    progress.moved(move);
    return CompletableFuture.completedFuture(made.get());
  }

  /** Ends the batch; where that fails, its rows are lost, and so the stream cannot go on. */
  private List<DataFile> complete() {
    RowSink rows = batch;
    batch = null;
    if (rows == null) {
      return List.of();
    }
    try (rows) {
      return rows.rows() == 0 ? List.of() : rows.complete();
    } catch (RuntimeException e) {
      throw progress.failed(IcebergErrors.translate(doing, e));
    }
  }

  private CompletableFuture<CommitReceipt> submit(
      List<DataFile> files, WriteIntent intent, ChannelMove move, Duration time) {
    try {
      // Refused by the database as well where an earlier one fails from here on.
      requireUsable();
      return commits.submit(
          table,
          new CommitRequest(
              RowChanges.append(SnapshotRef.MAIN_BRANCH, files, Map.of()),
              null,
              move,
              intent.ids(),
              time));
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CommitReceipt told(ChannelMove move, CommitReceipt receipt, @Nullable Throwable error) {
    if (error == null) {
      progress.moved(move);
      return receipt;
    }
    FirnException failure = IcebergErrors.translate(doing, Uncommitted.cause(error));
    FirnException first = progress.failed(failure);
    // What the database refuses after another failure is not another writer's doing.
    throw first != failure && failure.kind() == ErrorKind.CONFLICT ? after(first) : failure;
  }

  private CompletableFuture<CommitReceipt> moveAlone(ChannelMove move) {
    try {
      requireUsable();
      if (!commits.catalog().channels().move(move)) {
        throw fenced();
      }
      progress.moved(move);
      return CompletableFuture.completedFuture(new CommitReceipt(NO_SNAPSHOT, NO_SNAPSHOT, 0));
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(progress.failed(IcebergErrors.translate(doing, e)));
    }
  }

  private FirnException fenced() {
    return new FirnException(
        ErrorKind.CONFLICT,
        "Cannot %s: another writer has opened the channel since, expected epoch %d; leave it to that writer, or open the channel again and resume after its last token"
            .formatted(doing, epoch()));
  }

  /** The batch, begun here where there is none. */
  @Override
  RowSink sink() {
    requireUsable();
    RowSink rows = batch;
    if (rows == null) {
      refresh();
      rows = new RowSink(doing, table, commits.intent(table));
      batch = rows;
    }
    return rows;
  }

  private void refresh() {
    Guard.run(doing, table::refresh);
    if (!table.uuid().toString().equals(tableUuid)) {
      throw progress.failed(
          FirnException.notFound(
              "Cannot %s: the table was dropped and made again, expected %s, got %s; open the channel of the new table"
                  .formatted(doing, tableUuid, table.uuid())));
    }
  }

  private void requireUsable() {
    if (closed) {
      throw FirnException.invalid("Cannot %s: it is closed".formatted(doing));
    }
    FirnException failure = progress.failure();
    if (failure != null) {
      throw after(failure);
    }
  }

  private FirnException after(FirnException failure) {
    return new FirnException(
        failure.kind() == ErrorKind.COMMIT_STATE_UNKNOWN ? ErrorKind.CONFLICT : failure.kind(),
        "Cannot %s: an earlier commit of this stream was not acknowledged; close it, open the channel again and resume after its last token"
            .formatted(doing),
        failure);
  }

  /** Drops what is done from the front, where order keeps what is not. */
  private void forgetDone() {
    while (!inFlight.isEmpty() && inFlight.peek().isDone()) {
      inFlight.remove();
    }
  }

  /** Waits for an outcome, which {@link #progress} has heard of by then. */
  private static void settle(CompletableFuture<CommitReceipt> commit) {
    commit.handle((receipt, e) -> true).join();
  }

  private CommitReceipt await(CompletableFuture<CommitReceipt> commit) {
    try {
      return commit.join();
    } catch (RuntimeException e) {
      throw IcebergErrors.translate(doing, Uncommitted.cause(e));
    }
  }

  /**
   * Removes the files of the batch that was not committed, and waits for the commits in flight,
   * whose outcomes their futures tell. Idempotent.
   */
  @Override
  public void close() {
    closed = true;
    RowSink rows = batch;
    batch = null;
    if (rows != null) {
      rows.close();
    }
    UpsertSink keyed = changes;
    changes = null;
    if (keyed != null) {
      keyed.close();
    }
    while (!inFlight.isEmpty()) {
      settle(inFlight.remove());
    }
  }
}
