package dev.firn.compaction.plan;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.StructLikeMap;

/**
 * Decides which files of a table are rewritten together, why, and in which order. Reads nothing:
 * all it knows is in the table's metadata and in the files that it is given. Immutable.
 *
 * <p>How it works: each file is judged by the {@link Criteria}, files of a partition with anything
 * wrong are packed into groups by Iceberg's planner, and a group is kept where it makes fewer files
 * of fragments, or where a file is urgent. Groups of a partition are so cut that at most one of
 * them leaves a file of less than the target size: a second run finds nothing to do. Two things
 * take it two runs: an order asked of a partition larger than a group (first each group is sorted,
 * then ranges of all of them), and files of older partition specs that spread over partitions of
 * the current one.
 */
public final class Planner {
  private final Table table;
  private final Criteria criteria;
  private final Layout layout;
  private final Instant now;
  private final Map<Long, Long> commits = new HashMap<>();

  /** {@code now} is what ages of files are counted from. */
  public Planner(Table table, Criteria criteria, Clustering clustering, Instant now) {
    this.table = table;
    this.criteria = criteria;
    this.layout = Layout.of(table, clustering, criteria.maxDepth());
    this.now = now;
    for (Snapshot snapshot : table.snapshots()) {
      // Tables of version 1 number nothing: their files are old.
      if (snapshot.sequenceNumber() > 0) {
        commits.put(snapshot.sequenceNumber(), snapshot.timestampMillis());
      }
    }
  }

  /**
   * Plans groups of whole files with their statistics, those of the table's head: what is worth
   * most for each byte of work first.
   */
  public List<FileGroup> plan(Iterable<FileScanTask> files) {
    Types.StructType type = table.spec().partitionType();
    StructLikeMap<List<Source>> partitions = StructLikeMap.create(type);
    StructLike mixed = GenericRecord.create(type);
    List<Source> dead = new ArrayList<>();
    for (FileScanTask file : files) {
      Source source = new Source(file);
      if (source.isDead()) {
        dead.add(source);
        continue;
      }
      // A file of an older spec may hold rows of any partition.
      boolean current = file.file().specId() == table.spec().specId();
      partitions
          .computeIfAbsent(current ? file.file().partition() : mixed, p -> new ArrayList<>())
          .add(source);
    }
    List<FileGroup> groups = new ArrayList<>();
    if (!dead.isEmpty()) {
      groups.add(Explained.dead(dead, partitionOf(dead)));
    }
    partitions.values().forEach(sources -> groups.addAll(groups(sources)));
    Comparator<FileGroup> byGain = Comparator.comparingDouble(group -> -group.gain().perByte());
    groups.sort(byGain.thenComparing(FileGroup::partition).thenComparing(FileGroup::bytes));
    return groups;
  }

  private List<FileGroup> groups(List<Source> partition) {
    List<Source> files = new ArrayList<>(partition);
    files.removeIf(file -> isYounger(file, criteria.minAge()));
    boolean hot = partition.stream().anyMatch(file -> isYounger(file, criteria.coldAfter()));
    layout.judge(files);
    files.forEach(this::judge);
    if (files.stream().anyMatch(file -> file.why.contains(Why.DISORDER)) && !hot) {
      layout.arrange(files);
    }
    Set<Source> wanted = hot ? Tiers.of(files) : all(files);
    List<FileGroup> groups = new ArrayList<>();
    for (List<Source> bin : joined(pack(files, wanted))) {
      if (isWorthIt(bin)) {
        groups.add(new Explained(criteria, layout.name()).group(bin, partitionOf(bin), fit(bin)));
      }
    }
    return groups;
  }

  private static Set<Source> all(List<Source> files) {
    Set<Source> wanted = Collections.newSetFromMap(new IdentityHashMap<>());
    files.stream().filter(file -> !file.why.isEmpty()).forEach(wanted::add);
    return wanted;
  }

  private void judge(Source file) {
    long target = criteria.targetBytes();
    mark(file, Why.ASKED, criteria.everything());
    mark(file, Why.FRAGMENT, file.bytes() < (long) (target * Criteria.SMALLEST));
    mark(file, Why.OVERSIZED, file.bytes() > Bins.largest(target));
    mark(file, Why.DELETED_ROWS, file.deadShare() >= criteria.deleteRatio());
    mark(file, Why.DELETE_FILES, file.task.deletes().size() >= criteria.deleteFiles());
    boolean older = file.task.file().specId() != table.spec().specId();
    mark(file, Why.OLDER_SPEC, older && criteria.olderSpecs());
  }

  private static void mark(Source file, Why why, boolean applies) {
    if (applies) {
      file.why.add(why);
    }
  }

  private boolean isYounger(Source source, Duration age) {
    Long sequence = source.task.file().fileSequenceNumber();
    Long committed = sequence == null ? null : commits.get(sequence);
    // Where its snapshot has expired it is old. Clocks of writers may be ahead of ours.
    return !age.isZero()
        && committed != null
        && Instant.ofEpochMilli(committed).plus(age).isAfter(now);
  }

  private List<List<Source>> pack(List<Source> files, Set<Source> wanted) {
    IdentityHashMap<FileScanTask, Source> byTask = new IdentityHashMap<>();
    files.forEach(file -> byTask.put(file.task, file));
    List<FileScanTask> tasks = files.stream().map(file -> file.task).toList();
    List<List<Source>> bins = new ArrayList<>();
    for (List<FileScanTask> bin :
        Bins.of(table, criteria, tasks, task -> wanted.contains(byTask.get(task)))) {
      bins.add(bin.stream().map(task -> Objects.requireNonNull(byTask.get(task))).toList());
    }
    return bins;
  }

  /**
   * Bins whose files would not all come out at the target size are put together until they do, so
   * that at most one file of the partition is left over. A limit smaller than what comes out even
   * is kept instead.
   */
  private List<List<Source>> joined(List<List<Source>> bins) {
    if (criteria.maxGroupBytes() < Criteria.EVEN_FILES * (double) criteria.targetBytes()) {
      return bins;
    }
    List<List<Source>> joined = new ArrayList<>();
    List<Source> open = new ArrayList<>();
    for (List<Source> bin : bins) {
      List<Source> next = new ArrayList<>(open);
      next.addAll(bin);
      if (open.isEmpty() && fit(bin).isEven() || fit(next).isEven()) {
        joined.add(next);
        open = new ArrayList<>();
      } else {
        open = next;
      }
    }
    if (!open.isEmpty()) {
      joined.add(open);
    }
    return joined;
  }

  private boolean isWorthIt(List<Source> bin) {
    return bin.stream().anyMatch(Source::isUrgent)
        || (bin.size() >= criteria.minInputFiles() && fit(bin).files() < bin.size());
  }

  private Fit fit(List<Source> bin) {
    long live = bin.stream().mapToLong(file -> file.bytes() - file.deadBytes()).sum();
    int files = Math.max(1, Bins.expectedFiles(table, criteria, live));
    return Fit.of(live, files, criteria.targetBytes());
  }

  private static String partitionOf(List<Source> files) {
    Set<String> partitions = new TreeSet<>();
    for (Source file : files) {
      PartitionSpec spec = file.task.spec();
      partitions.add(
          spec.isUnpartitioned() ? "" : spec.partitionToPath(file.task.file().partition()));
    }
    return partitions.size() == 1 ? partitions.iterator().next() : "";
  }
}
