package dev.firn.compaction;

import dev.firn.compaction.commit.RewriteCommit;
import dev.firn.compaction.plan.Clustering;
import dev.firn.compaction.plan.FileGroup;
import dev.firn.compaction.rewrite.RewriteOptions;
import dev.firn.compaction.rewrite.RewriteProgress;
import dev.firn.compaction.rewrite.Rewriter;
import dev.firn.compaction.rewrite.Rewritten;
import dev.firn.format.write.FileRegistrar;
import dev.firn.format.write.WrittenFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;

/**
 * One run of a compaction: groups are rewritten one after the other, each once, and committed
 * together or some at a time, until none is left or the budget is spent. Confined to one thread.
 *
 * <p>Where its thread is interrupted it ends: what is committed stays, what is not leaves no files,
 * and the thread is interrupted when it returns.
 */
final class CompactionRun {
  private final Target target;
  private final Table table;
  private final Snapshot readAt;
  private final List<FileGroup> groups;
  private final Clustering clustering;
  private final CompactionOptions options;
  private final Tempo tempo;
  private final Meter meter;
  private CompactionResult result = CompactionResult.nothing(0);

  /** Groups of which the commit is still to come. */
  private final List<Rewritten> pending = new ArrayList<>();

  private FileRegistrar registrar = FileRegistrar.NONE;

  CompactionRun(
      Target target, List<FileGroup> groups, Clustering clustering, CompactionOptions options) {
    this.target = target;
    this.table = target.table();
    this.readAt = Objects.requireNonNull(table.currentSnapshot());
    this.groups = groups;
    this.clustering = clustering;
    this.options = options;
    this.tempo = new Tempo(options.budget());
    this.meter = new Meter();
  }

  CompactionResult run() {
    boolean interrupted = false;
    try (BufferAllocator memory = target.memory()) {
      int next = 0;
      while (next < groups.size() && isDue(groups.get(next))) {
        next = batch(next, memory);
      }
      result = result.left(groups.size() - next);
    } catch (Interrupted e) {
      interrupted = true;
      result = result.left(groups.size() - result.groups());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    return result;
  }

  private boolean isDue(FileGroup group) {
    Interrupted.check();
    return group.isMetadataOnly() || tempo.hasTimeFor(group.bytes());
  }

  /** Rewrites and commits the groups from {@code first} on, and returns which is next. */
  private int batch(int first, BufferAllocator memory) {
    registrar = target.registrars().get();
    RewriteCommit commit =
        RewriteCommit.of(table, readAt, memory, registrar).beforeRound(options.beforeCommit());
    if (clustering instanceof Clustering.Along) {
      commit = commit.noting(Clustering.SUMMARY_KEY, clustering.describe());
    }
    int next = first;
    try {
      long bytes = 0;
      boolean full = false;
      while (!full && next < groups.size() && isDue(groups.get(next))) {
        FileGroup group = groups.get(next++);
        pending.add(rewrite(group, memory));
        bytes += group.bytes();
        CompactionOptions.Budget budget = options.budget();
        full = pending.size() >= budget.groupsPerCommit() || bytes >= budget.bytesPerCommit();
      }
    } catch (RuntimeException | Error e) {
      pending.forEach(this::remove);
      pending.clear();
      throw e;
    }
    List<Rewritten> done = List.copyOf(pending);
    pending.clear();
    result = result.plus(CompactionResult.of(commit.commit(done), done.size()));
    return next;
  }

  private Rewritten rewrite(FileGroup group, BufferAllocator memory) {
    RewriteOptions how =
        RewriteOptions.of(memory)
            .recordedBy(registrar)
            .threads(options.budget().threads())
            .progress(meter);
    if (clustering instanceof Clustering.Sorted sorted) {
      how = how.sortedBy(sorted.order());
    } else if (clustering instanceof Clustering.Along along) {
      how = how.orderedBy(CurveSample.of(table, group, along, memory));
    }
    try (Rewriter rewriter = Rewriter.open(table, how)) {
      return rewriter.rewrite(group);
    }
  }

  private void remove(Rewritten group) {
    group.rows().close();
    registrar.removed(
        WrittenFiles.remove(table.io(), group.outputs().stream().map(DataFile::location).toList()));
  }

  /** Adds up what a rewriter tells, keeps the tempo, and ends an interrupted run. */
  private final class Meter implements RewriteProgress {
    private final long bytesTotal = groups.stream().mapToLong(FileGroup::bytes).sum();
    private long bytesDone;
    private long rowsDone;

    @Override
    public void advance(long bytes, long rows) {
      bytesDone += bytes;
      rowsDone += rows;
      options.progress().update(Math.min(bytesDone, bytesTotal), bytesTotal, rowsDone);
      tempo.read(bytes);
      Interrupted.check();
    }
  }

  /** The thread was interrupted; it no longer is, so that files can be removed. */
  private static final class Interrupted extends RuntimeException {
    private static final long serialVersionUID = 1;

    static void check() {
      if (Thread.interrupted()) {
        throw new Interrupted();
      }
    }
  }
}
