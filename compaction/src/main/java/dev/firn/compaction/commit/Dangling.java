package dev.firn.compaction.commit;

import dev.firn.scan.ScanRequest;
import dev.firn.scan.SnapshotSelector;
import dev.firn.scan.TableScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;

/** Which delete files apply to no file but the sources. Stateless. */
final class Dangling {
  private Dangling() {}

  /**
   * Returns the keys of those that apply to sources alone among those that may apply to several
   * files. Plans the whole table where there are any.
   */
  static Set<String> shared(Table table, long snapshot, LiveDeletes deletes, Set<String> sources) {
    Map<String, DeleteFile> left = new HashMap<>();
    for (DeleteFile delete : deletes.all()) {
      if (!LiveDeletes.isForOneFile(delete)) {
        left.put(LiveDeletes.key(delete), delete);
      }
    }
    if (left.isEmpty()) {
      return Set.of();
    }
    ScanRequest everything =
        new ScanRequest(
            new SnapshotSelector.ById(snapshot),
            null,
            Expressions.alwaysTrue(),
            ScanRequest.NO_LIMIT);
    try (CloseableIterable<FileScanTask> plan = new TableScanner(table).plan(everything)) {
      for (FileScanTask task : plan) {
        if (!sources.contains(task.file().location())) {
          task.deletes().forEach(delete -> left.remove(LiveDeletes.key(delete)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Set.copyOf(left.keySet());
  }
}
