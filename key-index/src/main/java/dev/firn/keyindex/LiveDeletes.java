package dev.firn.keyindex;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.util.ContentFileUtil;
import org.apache.iceberg.util.StructLikeMap;

/**
 * The delete files of a snapshot, by what they apply to. Confined to one thread.
 *
 * @see <a href="https://iceberg.apache.org/spec/#scan-planning">Scan planning</a>
 */
final class LiveDeletes {
  /** A delete file, and how many manifests have it. */
  private static final class Held {
    private final DeleteFile file;
    private int manifests;

    Held(DeleteFile file) {
      this.file = file;
    }
  }

  private final Map<String, Held> held = new HashMap<>();
  private final Map<String, List<DeleteFile>> byLocation = new HashMap<>();
  private final Map<Integer, StructLikeMap<List<DeleteFile>>> positions = new HashMap<>();
  private final Map<Integer, StructLikeMap<List<DeleteFile>>> equality = new HashMap<>();
  private final List<DeleteFile> everywhere = new ArrayList<>();

  /** One more manifest has the file. */
  void enter(DeleteFile file, PartitionSpec spec) {
    Held known = held.computeIfAbsent(id(file), id -> new Held(file));
    if (known.manifests++ == 0) {
      target(file, spec).add(file);
    }
  }

  /** One manifest less has it. */
  void leave(DeleteFile file, PartitionSpec spec) {
    Held known = held.get(id(file));
    if (known != null && --known.manifests == 0) {
      held.remove(id(file));
      target(file, spec).remove(known.file);
      String location = ContentFileUtil.referencedDataFileLocation(file);
      if (location != null && target(file, spec).isEmpty()) {
        byLocation.remove(location);
      }
    }
  }

  private List<DeleteFile> target(DeleteFile file, PartitionSpec spec) {
    if (file.content() == FileContent.EQUALITY_DELETES) {
      return spec.isUnpartitioned() ? everywhere : partition(equality, file, spec);
    }
    String location = ContentFileUtil.referencedDataFileLocation(file);
    return location == null
        ? partition(positions, file, spec)
        : byLocation.computeIfAbsent(location, missing -> new ArrayList<>(1));
  }

  private static List<DeleteFile> partition(
      Map<Integer, StructLikeMap<List<DeleteFile>>> bySpec, DeleteFile file, PartitionSpec spec) {
    StructLikeMap<List<DeleteFile>> partitions =
        bySpec.computeIfAbsent(
            spec.specId(), missing -> StructLikeMap.create(spec.partitionType()));
    List<DeleteFile> files = partitions.get(file.partition());
    if (files == null) {
      files = new ArrayList<>(1);
      partitions.put(file.partition(), files);
    }
    return files;
  }

  /** Returns the files that apply to {@code file}. */
  List<DeleteFile> of(DataFile file) {
    if (held.isEmpty()) {
      return List.of();
    }
    long sequence = file.dataSequenceNumber();
    List<DeleteFile> applying = new ArrayList<>();
    addAfter(everywhere, sequence + 1, applying);
    addAfter(partition(equality, file), sequence + 1, applying);
    List<DeleteFile> own = byLocation.getOrDefault(file.location(), List.of());
    for (DeleteFile each : own) {
      if (ContentFileUtil.isDV(each)) {
        applying.add(each); // it holds what is in older files of positions
        return applying;
      }
    }
    addAfter(partition(positions, file), sequence, applying);
    addAfter(own, sequence, applying);
    return applying;
  }

  private static List<DeleteFile> partition(
      Map<Integer, StructLikeMap<List<DeleteFile>>> bySpec, DataFile file) {
    StructLikeMap<List<DeleteFile>> partitions = bySpec.get(file.specId());
    StructLike partition = file.partition();
    List<DeleteFile> files = partitions == null ? null : partitions.get(partition);
    return files == null ? List.of() : files;
  }

  private static void addAfter(List<DeleteFile> files, long least, List<DeleteFile> target) {
    for (DeleteFile file : files) {
      if (file.dataSequenceNumber() >= least) {
        target.add(file);
      }
    }
  }

  /** What tells a delete file from others: many deletion vectors share one location. */
  static String id(DeleteFile file) {
    return file.contentOffset() == null
        ? file.location()
        : file.location() + '#' + file.contentOffset();
  }

  /** Whether these are the same files in the same order. */
  static boolean same(List<DeleteFile> left, List<DeleteFile> right) {
    if (left.size() != right.size()) {
      return false;
    }
    for (int i = 0; i < left.size(); i++) {
      if (!id(left.get(i)).equals(id(right.get(i)))) {
        return false;
      }
    }
    return true;
  }
}
