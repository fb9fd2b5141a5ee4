package dev.firn;

import dev.firn.catalog.commit.CommitReceipt;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.iceberg.DataFile;

/** How the files of a writer become part of the table. */
interface FileCommit {
  /** Commits the files, and returns once that is durable. */
  CommitReceipt now(List<DataFile> files);

  /** Commits the files, and may wait so long for others to commit along. */
  default CompletableFuture<CommitReceipt> within(List<DataFile> files, Duration time) {
    try {
      return CompletableFuture.completedFuture(now(files));
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
