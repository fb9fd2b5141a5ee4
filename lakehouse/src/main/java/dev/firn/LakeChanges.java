package dev.firn;

import dev.firn.error.FirnException;
import dev.firn.scan.change.ChangePoint;
import dev.firn.scan.change.ChangeRequest;
import dev.firn.scan.change.ChangeScanner;
import dev.firn.scan.change.FeedToken;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;

/**
 * The changes of one table between two of its states: refine, then open. Immutable: each call
 * returns another.
 *
 * <p>A change is a row, with {@code _change_type} (INSERT, DELETE, UPDATE_BEFORE, UPDATE_AFTER),
 * {@code _change_ordinal} (which of the snapshots read, from 0) and {@code _commit_snapshot_id}
 * behind its columns. The changes of a snapshot turn the rows before it into the rows after it,
 * exactly; compactions have none; rows written again unchanged are left out. An update is two rows,
 * one after the other: paired by {@code _row_id} (tables of format version 3), else by the table's
 * identifier fields; where neither tells, it is a delete and an insert. The order within a snapshot
 * is open otherwise.
 *
 * <p>Every call of a method that reads looks at the table's newest state first.
 */
public final class LakeChanges {
  private final String doing;
  private final Supplier<Table> table;
  private final TableCommits commits;
  private final ChangeRequest request;
  private final ScanResources resources;

  LakeChanges(
      String doing,
      Supplier<Table> table,
      TableCommits commits,
      ChangeRequest request,
      ScanResources resources) {
    this.doing = doing;
    this.table = table;
    this.commits = commits;
    this.request = request;
    this.resources = resources;
  }

  private LakeChanges with(ChangeRequest other) {
    return new LakeChanges(doing, table, commits, other, resources);
  }

  /**
   * After this snapshot. Without a beginning, changes are read from the empty table on, which needs
   * every snapshot that ever was.
   */
  public LakeChanges from(long snapshotId) {
    return with(request.from(new ChangePoint.Id(snapshotId)));
  }

  /** After the last snapshot that is not later than {@code instant}. */
  public LakeChanges from(Instant instant) {
    return with(request.from(new ChangePoint.At(instant)));
  }

  /** After a branch's head or a tag's snapshot. */
  public LakeChanges fromRef(String branchOrTag) {
    return with(request.from(new ChangePoint.Ref(branchOrTag)));
  }

  /**
   * After what a token names that a stream of changes returned, of this table, in whatever process.
   */
  public LakeChanges fromToken(String token) {
    return with(request.from(new ChangePoint.Token(FeedToken.parse(token))));
  }

  /** Up to this snapshot, that included. Without an end, changes are read up to the head. */
  public LakeChanges to(long snapshotId) {
    return with(request.to(new ChangePoint.Id(snapshotId)));
  }

  /** Up to the last snapshot that is not later than {@code instant}. */
  public LakeChanges to(Instant instant) {
    return with(request.to(new ChangePoint.At(instant)));
  }

  /** Up to a branch's head or a tag's snapshot. */
  public LakeChanges toRef(String branchOrTag) {
    return with(request.to(new ChangePoint.Ref(branchOrTag)));
  }

  /** The changes of this branch rather than of main. */
  public LakeChanges branch(String branch) {
    return with(request.branch(branch));
  }

  /**
   * Only the changes of rows for which {@code filter} is true (SQL's logic), as if there were no
   * others: an update that moves a row out of it is a delete, one that moves it into it an insert.
   * Repeated calls are and-ed.
   */
  public LakeChanges where(Expression filter) {
    return with(request.where(filter));
  }

  /** Only these columns, in this order, and those of the change behind them. */
  public LakeChanges select(String... columns) {
    return select(List.of(columns));
  }

  /** Only these columns, in this order, and those of the change behind them. */
  public LakeChanges select(List<String> columns) {
    return with(request.select(columns));
  }

  /**
   * Only what differs between the two ends: a row that came and went is in none. Works between any
   * two snapshots that are retained, also backwards and across branches, at the cost of the files
   * that are in one of them alone or have other deletes.
   */
  public LakeChanges net() {
    return with(request.mode(ChangeRequest.Mode.NET));
  }

  /**
   * Only appended rows, read without a look at any other file; compactions are passed over, and
   * opening is an error (INVALID) where another snapshot did more than append.
   */
  public LakeChanges appendsOnly() {
    return with(request.mode(ChangeRequest.Mode.APPENDS));
  }

  private ChangeScanner scanner() {
    return new ChangeScanner(table.get(), resources.decoding());
  }

  /**
   * Returns the columns of the changes: the rows' in the current schema where a branch's head is
   * read up to, else in that of the last snapshot; then those of the change.
   */
  public Schema schema() {
    return Guard.call(doing, () -> scanner().schema(request));
  }

  /** Opens a cursor over the changes, snapshot by snapshot. The caller closes it. */
  public ScanCursor open() {
    return Guard.call(
        doing,
        () -> {
          ChangeScanner scanner = scanner();
          return new ScanCursor(
              doing, scanner.schema(request), scanner.read(request, resources.allocator()));
        });
  }

  /**
   * Opens the changes as Arrow batches. The caller closes the reader; its vectors come from {@code
   * allocator}, and a batch is valid until the next {@code loadNextBatch()} or {@code close()}, or
   * for as long as its buffers are retained.
   */
  public ArrowReader openArrow(BufferAllocator allocator) {
    return Guard.call(doing, () -> scanner().readArrow(request, allocator));
  }

  /** Reads all changes into memory. */
  public List<Record> toList() {
    try (ScanCursor cursor = open()) {
      List<Record> all = new ArrayList<>();
      cursor.forEach(all::add);
      return all;
    }
  }

  /** Reads all changes into memory as Java records or beans. */
  public <T> List<T> toList(Class<T> type) {
    try (ScanCursor cursor = open()) {
      return cursor.toList(type);
    }
  }

  /** Follows the table with {@link FollowOptions#DEFAULT}. */
  public ChangeStream follow() {
    return follow(FollowOptions.DEFAULT);
  }

  /**
   * Reads the changes from the beginning that was given on, and waits for those to come: snapshot
   * by snapshot, each with a token to go on from. A beginning that is a branch's head or an instant
   * is looked up now; an end is not looked at. The caller closes the stream.
   *
   * @throws FirnException INVALID after {@link #net()}; NOT_FOUND where the beginning has expired
   */
  public ChangeStream follow(FollowOptions options) {
    return Guard.call(doing, () -> ChangeStream.open(doing, commits, request, resources, options));
  }
}
