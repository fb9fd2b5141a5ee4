package dev.firn.compaction.verify;

import dev.firn.error.FirnException;
import dev.firn.storage.DirectExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/**
 * A verification of a table, of its current snapshot unless told otherwise: an immutable
 * description, which {@link #run} carries out. Nothing is changed.
 *
 * <p>Every file that the snapshots reach is looked for, with its size; manifests are read, and
 * their counts and the summaries' totals compared. Of data and delete files a sample is read whole,
 * or, {@link #deep}, all are: rows, nulls, bounds, partitions, split offsets and claimed sort
 * orders are compared with what is recorded, positions of deletes with the files that they name,
 * and the content hashes that rewrites left in their snapshots' summaries are computed again.
 * Bounds of uuids and of columns that the table's schema has no more are not looked at.
 *
 * <p>Takes about 300 bytes of memory for each file reached, and for each thread what one file's
 * batches need.
 */
public final class Verification {
  /** Findings beyond are counted only. */
  public static final int MOST_FINDINGS = 10_000;

  /** How many files of data and of deletes are read unless told otherwise. */
  public static final int DEFAULT_SAMPLE = 8;

  private final Table table;
  private final Settings settings;

  /** Everything that can be set. */
  record Settings(
      UnaryOperator<RuntimeException> failures,
      @Nullable BufferAllocator allocator,
      Executor executor,
      int threads,
      VerificationProgress progress,
      int sample,
      boolean all,
      @Nullable String ref,
      @Nullable Long snapshot) {}

  private Verification(Table table, Settings settings) {
    this.table = table;
    this.settings = settings;
  }

  /** Of any table, in the calling thread. Memory comes from a root of the run's own. */
  public static Verification of(Table table) {
    return of(table, null, DirectExecutor.INSTANCE, 1, e -> e);
  }

  /**
   * Of a table whose failures {@code failures} translates: where it gives {@code UNAVAILABLE}, the
   * run fails with that. Borrows allocator and executor; {@code threads} counts the calling one.
   */
  public static Verification of(
      Table table,
      @Nullable BufferAllocator allocator,
      Executor executor,
      int threads,
      UnaryOperator<RuntimeException> failures) {
    return new Verification(
        table,
        new Settings(
            failures,
            allocator,
            executor,
            threads,
            (bytes, rows) -> {},
            DEFAULT_SAMPLE,
            false,
            null,
            null));
  }

  /** Reads every file, and computes content hashes again. */
  public Verification deep() {
    return sample(Integer.MAX_VALUE);
  }

  /** Reads so many data files, and delete files, of those reached; 0: none. */
  public Verification sample(int files) {
    if (files < 0) {
      throw FirnException.invalid(
          "Cannot verify a sample of %d files: expected 0 or more".formatted(files));
    }
    Settings s = settings;
    return with(
        new Settings(
            s.failures,
            s.allocator,
            s.executor,
            s.threads,
            s.progress,
            files,
            s.all,
            s.ref,
            s.snapshot));
  }

  /** All retained snapshots. */
  public Verification allSnapshots() {
    return of(true, null, null);
  }

  /** The head of a branch, or what a tag names. */
  public Verification ref(String name) {
    return of(false, name, null);
  }

  /** One snapshot. */
  public Verification snapshot(long id) {
    return of(false, null, id);
  }

  private Verification of(boolean all, @Nullable String ref, @Nullable Long snapshot) {
    Settings s = settings;
    return with(
        new Settings(
            s.failures,
            s.allocator,
            s.executor,
            s.threads,
            s.progress,
            s.sample,
            all,
            ref,
            snapshot));
  }

  public Verification progress(VerificationProgress progress) {
    Settings s = settings;
    return with(
        new Settings(
            s.failures,
            s.allocator,
            s.executor,
            s.threads,
            progress,
            s.sample,
            s.all,
            s.ref,
            s.snapshot));
  }

  private Verification with(Settings changed) {
    return new Verification(table, changed);
  }

  /**
   * Verifies the table as it is now. Snapshots that expire meanwhile are found damaged: hold them,
   * or run it again.
   *
   * @throws FirnException NOT_FOUND where the ref or snapshot is not there; UNAVAILABLE where the
   *     store does not answer
   */
  public VerificationReport run() {
    table.refresh();
    List<Snapshot> snapshots = snapshots();
    BufferAllocator given = settings.allocator;
    try (BufferAllocator allocator =
        given == null
            ? new RootAllocator(Runtime.getRuntime().maxMemory())
            : given.newChildAllocator("verify " + table.name(), 0, given.getLimit())) {
      return new VerificationRun(table, settings, snapshots, allocator).run();
    }
  }

  private List<Snapshot> snapshots() {
    if (settings.all) {
      List<Snapshot> all = new ArrayList<>();
      table.snapshots().forEach(all::add);
      return all;
    }
    Long id = settings.snapshot;
    if (settings.ref != null) {
      SnapshotRef ref = table.refs().get(settings.ref);
      if (ref == null) {
        throw FirnException.notFound(
            "Cannot verify '%s' of %s: it has no such branch or tag"
                .formatted(settings.ref, table.name()));
      }
      id = ref.snapshotId();
    }
    Snapshot one = id == null ? table.currentSnapshot() : table.snapshot(id);
    if (id != null && one == null) {
      throw FirnException.notFound(
          "Cannot verify snapshot %d of %s: it never was, or has expired"
              .formatted(id, table.name()));
    }
    return one == null ? List.of() : List.of(one);
  }
}
