package dev.firn.compaction.commit;

import dev.firn.compaction.rewrite.Rewritten;
import dev.firn.format.write.FileRegistrar;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;

/**
 * Commits groups that were rewritten, whatever was committed since they were read: rows of the
 * sources that others deleted are deleted from the outputs in the same snapshot, and sources that
 * others removed take their rows along. A lost round repeats the commit, never the rewrite.
 * Immutable, but for the registrar; each call works in the calling thread.
 *
 * <p>Outcomes of {@link #commit}: applied; not applied (a {@code FirnException} of kind CONFLICT,
 * or whatever failed: outputs and what else was written are removed, as far as the store allows);
 * or unknown (nothing is removed, the message says how to look).
 */
public final class RewriteCommit {
  /** Marks our snapshot, so that it is found among other writers'. */
  public static final String OPERATION_ID = "firn.operation-id";

  /** The sum of the groups' content, as they were read and written, before the rebase. */
  public static final String CONTENT_HASH = "firn.rewrite.content-hash";

  /** The schema that the content hash is of. */
  public static final String SCHEMA_ID = "firn.rewrite.schema-id";

  /** How many rows of the outputs others had deleted meanwhile. */
  public static final String ROWS_REBASED = "firn.rewrite.rows-rebased";

  private static final Duration GIVE_UP_AFTER = Duration.ofMinutes(10);

  private final Table table;
  private final Base base;
  private final BufferAllocator allocator;
  private final FileRegistrar registrar;
  private final Patience patience;
  private final Runnable beforeRound;
  private final Map<String, String> notes;

  /**
   * What was done; {@code snapshotId} is empty where others had removed every source, or where the
   * commit is applied but could not be read back.
   *
   * @param sources data files taken out
   * @param outputs data files put in
   * @param deleteFiles delete files taken out
   * @param bytesBefore of the sources taken out
   * @param bytesAfter of the outputs put in
   * @param rowsWritten of the outputs put in, dead ones included
   * @param rowsRebased of the outputs put in that others had deleted meanwhile
   * @param conflicts how many rounds were lost
   * @param longestRound from the last look to the outcome, the longest one; zero for none
   */
  public record Committed(
      OptionalLong snapshotId,
      int sources,
      int outputs,
      int deleteFiles,
      long bytesBefore,
      long bytesAfter,
      long rowsWritten,
      long rowsRebased,
      int conflicts,
      Duration longestRound) {}

  private RewriteCommit(
      Table table,
      Base base,
      BufferAllocator allocator,
      FileRegistrar registrar,
      Patience patience,
      Runnable beforeRound,
      Map<String, String> notes) {
    this.table = table;
    this.base = base;
    this.allocator = allocator;
    this.registrar = registrar;
    this.patience = patience;
    this.beforeRound = beforeRound;
    this.notes = Map.copyOf(notes);
  }

  /**
   * For groups that are about to be read, from a table as it is now. Equality deletes are looked at
   * in batches from {@code allocator}; the registrar is told of each file before it is created. All
   * are borrowed.
   *
   * @param readAt the snapshot that the groups were planned at; its manifest list is read here
   */
  public static RewriteCommit of(
      Table table, Snapshot readAt, BufferAllocator allocator, FileRegistrar registrar) {
    return new RewriteCommit(
        table,
        Base.of(table, readAt),
        allocator,
        registrar,
        new Patience(GIVE_UP_AFTER),
        () -> {},
        Map.of());
  }

  /** How long a call goes on after lost rounds, from its first one (default 10 minutes). */
  public RewriteCommit givingUpAfter(Duration time) {
    return new RewriteCommit(
        table, base, allocator, registrar, new Patience(time), beforeRound, notes);
  }

  /** Runs {@code action} before each round's commit; what it throws ends the call. */
  public RewriteCommit beforeRound(Runnable action) {
    return new RewriteCommit(table, base, allocator, registrar, patience, action, notes);
  }

  /** Notes something in the snapshot's summary. */
  public RewriteCommit noting(String key, String value) {
    Map<String, String> more = new HashMap<>(notes);
    more.put(key, value);
    return new RewriteCommit(table, base, allocator, registrar, patience, beforeRound, more);
  }

  /**
   * Commits groups in one snapshot; none where others have removed every source. Outputs and row
   * maps become this call's: maps are closed, outputs are in the table or removed, unless the
   * outcome is unknown.
   */
  public Committed commit(List<Rewritten> groups) {
    return commit(groups, List.of());
  }

  /**
   * As {@link #commit(List)}; in the same snapshot those of {@code outdated} go that are still
   * there and apply to no file but the sources. They go by themselves where no group is left.
   *
   * @param outdated delete files of the snapshot that the groups were planned at
   */
  public Committed commit(List<Rewritten> groups, Collection<DeleteFile> outdated) {
    CommitRun run = new CommitRun(table, base, groups, allocator, registrar, beforeRound, notes);
    try {
      return run.commit(patience, outdated);
    } finally {
      groups.forEach(group -> group.rows().close());
    }
  }
}
