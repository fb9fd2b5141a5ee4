package dev.firn.compaction.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.actions.FileRewritePlan;
import org.apache.iceberg.actions.RewriteDataFiles.FileGroupInfo;
import org.apache.iceberg.actions.RewriteFileGroup;
import org.apache.iceberg.actions.SizeBasedFileRewritePlanner;

/**
 * Iceberg's bin-packing of files into groups, fed with a plan of our own: Iceberg's planner of data
 * files reads manifests in a static pool of threads. Confined to one thread.
 */
final class Bins
    extends SizeBasedFileRewritePlanner<FileGroupInfo, FileScanTask, DataFile, RewriteFileGroup> {
  private final long targetBytes;
  private final Predicate<FileScanTask> wanted;

  private Bins(Table table, Criteria criteria, Predicate<FileScanTask> wanted) {
    super(table);
    this.targetBytes = criteria.targetBytes();
    this.wanted = wanted;
    init(
        Map.of(
            TARGET_FILE_SIZE_BYTES, Long.toString(criteria.targetBytes()),
            // Iceberg's default is not more than the target where that is a byte or two.
            MAX_FILE_SIZE_BYTES, Long.toString(largest(criteria.targetBytes())),
            MAX_FILE_GROUP_SIZE_BYTES, Long.toString(criteria.maxGroupBytes())));
  }

  /** From which size on a file is split. */
  static long largest(long targetBytes) {
    return Math.max((long) (targetBytes * Criteria.LARGEST), targetBytes + 1);
  }

  /** Packs the wanted ones of the files, in their order. */
  static List<List<FileScanTask>> of(
      Table table, Criteria criteria, List<FileScanTask> files, Predicate<FileScanTask> wanted) {
    List<List<FileScanTask>> bins = new ArrayList<>();
    new Bins(table, criteria, wanted).planFileGroups(files).forEach(bins::add);
    return bins;
  }

  /** About how many files of the target size so many bytes make. */
  static int expectedFiles(Table table, Criteria criteria, long bytes) {
    return bytes == 0 ? 0 : new Bins(table, criteria, file -> true).expectedOutputFiles(bytes);
  }

  @Override
  protected Iterable<FileScanTask> filterFiles(Iterable<FileScanTask> tasks) {
    List<FileScanTask> some = new ArrayList<>();
    tasks.forEach(
        task -> {
          if (wanted.test(task)) {
            some.add(task);
          }
        });
    return some;
  }

  /** All: which groups are worth it is decided once those that do not come out even are joined. */
  @Override
  protected Iterable<List<FileScanTask>> filterFileGroups(List<List<FileScanTask>> groups) {
    return groups;
  }

  @Override
  protected long defaultTargetFileSize() {
    return targetBytes;
  }

  /** Not asked for: the groups are {@link #of}. */
  @Override
  public FileRewritePlan<FileGroupInfo, FileScanTask, DataFile, RewriteFileGroup> plan() {
    throw new UnsupportedOperationException("the files come from elsewhere");
  }
}
