package dev.firn.compaction.maintain;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Comparators;
import org.jspecify.annotations.Nullable;

/**
 * How data manifests are to be cut so that each holds a narrow range of partitions, and what
 * planning gains by it. Immutable. Holds every distinct partition.
 *
 * <p>How it works: of each partitioned spec the partitions that have live files are sorted, and cut
 * where the entries of those since the last cut fill a manifest. Planning for one partition reads
 * the manifests whose summaries hold it; how many those are on average, over all partitions, is the
 * measure.
 */
public final class PartitionRanges {
  /** A manifest is open for each range while they are written. */
  static final int MAX_RANGES = 100;

  /** A range that outgrows a manifest makes two that overlap: room for a bad estimate. */
  private static final double FILLING = 0.8;

  /** By how much the measure must fall to be worth it. */
  private static final double GAIN = 0.9;

  private final Map<Integer, Ranges> bySpec;
  private final List<ManifestFile> sources;

  private PartitionRanges(Map<Integer, Ranges> bySpec, List<ManifestFile> sources) {
    this.bySpec = bySpec;
    this.sources = sources;
  }

  /** The partitions of one spec, and the least one of each range with the range's number. */
  private record Ranges(
      PartitionSpec spec,
      List<StructLike> partitions,
      TreeMap<StructLike, Integer> starts,
      List<PartitionBox> boxes) {}

  /**
   * Reads {@code manifests}, of data files of whatever spec, and plans manifests of about {@code
   * targetBytes}.
   */
  public static PartitionRanges plan(Table table, List<ManifestFile> manifests, long targetBytes) {
    Map<Integer, List<ManifestFile>> bySpec = new LinkedHashMap<>();
    for (ManifestFile manifest : manifests) {
      PartitionSpec spec = table.specs().get(manifest.partitionSpecId());
      if (spec != null && spec.isPartitioned() && manifest.partitions() != null) {
        bySpec.computeIfAbsent(spec.specId(), id -> new ArrayList<>()).add(manifest);
      }
    }
    Map<Integer, Ranges> ranges = new LinkedHashMap<>();
    List<ManifestFile> sources = new ArrayList<>();
    bySpec.forEach(
        (id, own) -> {
          PartitionSpec spec = Objects.requireNonNull(table.specs().get(id));
          SortedMap<StructLike, Long> files = files(table, spec, own);
          Ranges planned = cut(spec, files, bytesPerFile(own), targetBytes);
          if (gains(planned, own)) {
            ranges.put(id, planned);
            sources.addAll(own);
          }
        });
    return new PartitionRanges(ranges, sources);
  }

  private static SortedMap<StructLike, Long> files(
      Table table, PartitionSpec spec, List<ManifestFile> manifests) {
    SortedMap<StructLike, Long> files = new TreeMap<>(Comparators.forType(spec.partitionType()));
    ManifestFileReads.data(table, manifests, file -> files.merge(file.partition(), 1L, Long::sum));
    return files;
  }

  private static double bytesPerFile(List<ManifestFile> manifests) {
    long bytes = 0;
    long files = 0;
    for (ManifestFile manifest : manifests) {
      bytes += manifest.length();
      files +=
          count(manifest.addedFilesCount())
              + count(manifest.existingFilesCount())
              + count(manifest.deletedFilesCount());
    }
    return (double) bytes / Math.max(1, files);
  }

  /** Manifests of v1 tables may not say. */
  private static long count(@Nullable Integer files) {
    return files == null ? 0 : files;
  }

  private static Ranges cut(
      PartitionSpec spec,
      SortedMap<StructLike, Long> files,
      double bytesPerFile,
      long targetBytes) {
    long all = files.values().stream().mapToLong(Long::longValue).sum();
    double target = Math.max(FILLING * targetBytes, all * bytesPerFile / MAX_RANGES);
    TreeMap<StructLike, Integer> starts = new TreeMap<>(files.comparator());
    List<PartitionBox> boxes = new ArrayList<>();
    double filled = Double.POSITIVE_INFINITY;
    for (Map.Entry<StructLike, Long> each : files.entrySet()) {
      double more = each.getValue() * bytesPerFile;
      if (filled + more > target) {
        starts.put(each.getKey(), boxes.size());
        boxes.add(PartitionBox.empty(spec));
        filled = 0;
      }
      filled += more;
      int last = boxes.size() - 1;
      boxes.set(last, boxes.get(last).with(each.getKey()));
    }
    return new Ranges(spec, List.copyOf(files.keySet()), starts, boxes);
  }

  private static boolean gains(Ranges ranges, List<ManifestFile> manifests) {
    List<PartitionBox> now =
        manifests.stream().map(manifest -> PartitionBox.of(manifest, ranges.spec())).toList();
    return hits(ranges, ranges.boxes()) <= GAIN * hits(ranges, now);
  }

  private static long hits(Ranges ranges, List<PartitionBox> boxes) {
    long hits = 0;
    for (StructLike partition : ranges.partitions()) {
      hits += boxes.stream().filter(box -> box.holds(partition)).count();
    }
    return hits;
  }

  /** Returns the paths of the manifests to rewrite; none where nothing would be gained. */
  public Set<String> sources() {
    Set<String> paths = new HashSet<>();
    sources.forEach(manifest -> paths.add(manifest.path()));
    return paths;
  }

  /** About how many manifests take their place. */
  public int count() {
    return bySpec.values().stream().mapToInt(ranges -> ranges.boxes().size()).sum();
  }

  /** Returns which of the new manifests a file belongs to, as a key. */
  public Object keyOf(DataFile file) {
    Ranges ranges = bySpec.get(file.specId());
    if (ranges == null) {
      return "";
    }
    Map.Entry<StructLike, Integer> start = ranges.starts().floorEntry(file.partition());
    return start == null ? 0 : start.getValue();
  }

  /** How many of the sources planning for one partition reads, on average. */
  public double overlapBefore() {
    return overlap(sources);
  }

  /** How many of the new manifests it will read. */
  public double overlapPlanned() {
    long hits = 0;
    for (Ranges ranges : bySpec.values()) {
      hits += hits(ranges, ranges.boxes());
    }
    return average(hits);
  }

  /** How many of {@code manifests} planning for one of the partitions reads, on average. */
  public double overlap(List<ManifestFile> manifests) {
    long hits = 0;
    for (Ranges ranges : bySpec.values()) {
      List<PartitionBox> boxes =
          manifests.stream()
              .filter(manifest -> manifest.partitionSpecId() == ranges.spec().specId())
              .map(manifest -> PartitionBox.of(manifest, ranges.spec()))
              .toList();
      hits += hits(ranges, boxes);
    }
    return average(hits);
  }

  private double average(long hits) {
    long partitions = bySpec.values().stream().mapToLong(each -> each.partitions().size()).sum();
    return (double) hits / Math.max(1, partitions);
  }
}
