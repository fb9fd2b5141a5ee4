package dev.firn.scan.plan;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.CombinedScanTask;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.util.TableScanUtil;

/** Parts of a plan of about one size, for scans in parallel. */
public final class TaskGroups {
  private TaskGroups() {}

  /**
   * Cuts files into splits at their row groups, where these are known, and puts splits together, by
   * Iceberg's rules: splits of one file that are next to each other in a group become one again.
   *
   * @param splitBytes how large a group is to be
   * @param lookback how many groups are open at a time
   * @param openFileCost the bytes that a split counts for at least
   */
  public static List<List<FileScanTask>> of(
      List<FileScanTask> tasks, long splitBytes, int lookback, long openFileCost) {
    List<List<FileScanTask>> groups = new ArrayList<>();
    try (CloseableIterable<FileScanTask> splits =
            TableScanUtil.splitFiles(CloseableIterable.withNoopClose(tasks), splitBytes);
        CloseableIterable<CombinedScanTask> combined =
            TableScanUtil.planTasks(splits, splitBytes, lookback, openFileCost)) {
      combined.forEach(group -> groups.add(List.copyOf(group.files())));
    } catch (IOException e) {
      throw new RuntimeIOException(e, "Cannot split the files of a scan");
    }
    return List.copyOf(groups);
  }
}
