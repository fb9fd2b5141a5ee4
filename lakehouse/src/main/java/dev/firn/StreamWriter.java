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
import org.apache.iceberg.DataFile;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
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
  private final String tableUuid;
  private final ChannelState opened;
  private final Deque<CompletableFuture<CommitReceipt>> inFlight = new ArrayDeque<>();
  private final Progress progress;
  private @Nullable RowSink batch;
  private long steps;
  private boolean closed;

  private StreamWriter(
      String doing, Table table, TableCommits commits, String tableUuid, ChannelState opened) {
    this.doing = doing;
    this.table = table;
    this.commits = commits;
    this.tableUuid = tableUuid;
    this.opened = opened;
    this.progress = new Progress(opened.token());
  }

  static StreamWriter open(Table table, TableCommits commits, String channel) {
    table.refresh();
    String uuid = table.uuid().toString();
    ChannelState opened = commits.catalog().channels().open(uuid, channel);
    String doing = "write to channel %s of %s".formatted(channel, table.name());
    return new StreamWriter(doing, table, commits, uuid, opened);
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

  /** Returns the rows of the batch so far. */
  @Override
  public long rows() {
    return batch == null ? 0 : batch.rows();
  }

  /** Returns the bytes written or buffered for the batch so far, an estimate. */
  @Override
  public long bytes() {
    return batch == null ? 0 : batch.bytes();
  }

  /**
   * Makes the batch and {@code token} durable together, after all earlier batches, and begins the
   * next one. The token of a batch without rows moves alone: no snapshot is made, and the receipt's
   * snapshot is {@link #NO_SNAPSHOT}.
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
   * where {@value #MAX_IN_FLIGHT} are in flight, and for all where the batch has no rows. The
   * future fails with a {@code FirnException}.
   */
  public CompletableFuture<CommitReceipt> commitWithin(Duration time, String token) {
    TableCommits.checkWait(doing, time);
    requireUsable();
    ChannelMove move =
        new ChannelMove(tableUuid, channel(), epoch(), steps + 1, token, ChannelMove.NO_SNAPSHOT);
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
      Guard.run(doing, table::refresh);
      requireSameTable();
      rows = new RowSink(doing, table, commits.intent(table));
      batch = rows;
    }
    return rows;
  }

  private void requireSameTable() {
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
    while (!inFlight.isEmpty()) {
      settle(inFlight.remove());
    }
  }
}
