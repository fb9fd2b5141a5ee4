package dev.firn;

import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.catalog.commit.CommitRequest;
import dev.firn.catalog.commit.Futures;
import dev.firn.catalog.intent.WriteIntent;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;

/**
 * An append of files to a table.
 *
 * @param table as it was when the files were begun
 * @param options where an evolution is, with the ids that columns have in the files
 */
record Append(Table table, TableCommits commits, AppendOptions options, WriteIntent intent)
    implements FileCommit {
  @Override
  public CommitReceipt now(List<DataFile> files) {
    return Futures.await(within(files, Duration.ZERO));
  }

  @Override
  public CompletableFuture<CommitReceipt> within(List<DataFile> files, Duration time) {
    return commits.submit(
        table,
        new CommitRequest(
            RowChanges.append(options.branch(), files, options.summary()),
            options.evolveTo(),
            null,
            intent.ids(),
            time));
  }
}
