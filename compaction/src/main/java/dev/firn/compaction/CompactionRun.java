package dev.firn.compaction;

import dev.firn.compaction.commit.RewriteCommit;
import dev.firn.compaction.plan.FileGroup;
import dev.firn.compaction.rewrite.RewriteOptions;
import dev.firn.compaction.rewrite.RewriteProgress;
import dev.firn.compaction.rewrite.Rewriter;
import dev.firn.compaction.rewrite.Rewritten;
import dev.firn.format.write.FileRegistrar;
import dev.firn.format.write.WrittenFiles;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;

/**
 * One run of a compaction: every group is rewritten once, and they are committed together. Confined
 * to one thread. {@code beforeRound} runs before each round of the commit.
 */
record CompactionRun(
    Table table,
    Snapshot readAt,
    List<FileGroup> groups,
    BufferAllocator allocator,
    FileRegistrar registrar,
    CompactionProgress progress,
    Runnable beforeRound) {

  CompactionResult run() {
    RewriteCommit commit =
        RewriteCommit.of(table, readAt, allocator, registrar).beforeRound(beforeRound);
    RewriteOptions options =
        RewriteOptions.of(allocator)
            .recordedBy(registrar)
            .progress(new Meter(progress, groups.stream().mapToLong(FileGroup::bytes).sum()));
    try (Rewriter rewriter = Rewriter.open(table, options)) {
      return CompactionResult.of(commit.commit(rewrite(rewriter)));
    }
  }

  private List<Rewritten> rewrite(Rewriter rewriter) {
    List<Rewritten> done = new ArrayList<>();
    try {
      for (FileGroup group : groups) {
        done.add(rewriter.rewrite(group));
      }
      return done;
    } catch (RuntimeException | Error e) {
      done.forEach(this::remove);
      throw e;
    }
  }

  private void remove(Rewritten group) {
    group.rows().close();
    registrar.removed(
        WrittenFiles.remove(table.io(), group.outputs().stream().map(DataFile::location).toList()));
  }

  /** Adds up what a rewriter tells. Confined to its thread. */
  private static final class Meter implements RewriteProgress {
    private final CompactionProgress listener;
    private final long bytesTotal;
    private long bytesDone;
    private long rowsDone;

    Meter(CompactionProgress listener, long bytesTotal) {
      this.listener = listener;
      this.bytesTotal = bytesTotal;
    }

    @Override
    public void advance(long bytes, long rows) {
      bytesDone += bytes;
      rowsDone += rows;
      listener.update(Math.min(bytesDone, bytesTotal), bytesTotal, rowsDone);
    }
  }
}
