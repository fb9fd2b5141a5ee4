package dev.firn.scan.change;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.util.ContentFileUtil;
import org.apache.iceberg.util.PartitionMap;
import org.jspecify.annotations.Nullable;

/**
 * Which deletes of one state of a table apply to which data files, by the rules of the spec: a
 * deletion vector to its file, and then no other position deletes; position deletes to files of
 * their partition that are not newer; equality deletes to older files of their partition, or of all
 * where their spec has none. Not thread-safe.
 */
public final class DeleteIndex {
  private final Map<Integer, PartitionSpec> specs;
  private final Map<String, DeleteFile> vectors = new HashMap<>();
  private final Map<String, List<DeleteFile>> byPath = new HashMap<>();
  private final PartitionMap<List<DeleteFile>> byPartition;
  private final List<DeleteFile> global = new ArrayList<>();

  public DeleteIndex(Map<Integer, PartitionSpec> specs) {
    this.specs = specs;
    this.byPartition = PartitionMap.create(specs);
  }

  /** Names a delete file, or the part of one that a deletion vector is. */
  public static String key(DeleteFile delete) {
    return delete.contentOffset() == null
        ? delete.location()
        : delete.location() + "#" + delete.contentOffset();
  }

  /** The only data file that the delete is for; null: those of its partition, or all. */
  public static @Nullable String target(DeleteFile delete) {
    return delete.content() == FileContent.POSITION_DELETES
        ? ContentFileUtil.referencedDataFileLocation(delete)
        : null;
  }

  /** Whether data files of every partition may be hit. */
  static boolean isGlobal(DeleteFile delete, Map<Integer, PartitionSpec> specs) {
    PartitionSpec spec = specs.get(delete.specId());
    return delete.content() == FileContent.EQUALITY_DELETES
        && (spec == null || spec.isUnpartitioned());
  }

  public void add(DeleteFile delete) {
    String target = target(delete);
    if (target != null && ContentFileUtil.isDV(delete)) {
      vectors.merge(target, delete, DeleteIndex::newer);
    } else if (target != null) {
      byPath.computeIfAbsent(target, path -> new ArrayList<>()).add(delete);
    } else if (isGlobal(delete, specs)) {
      global.add(delete);
    } else {
      byPartition.computeIfAbsent(delete.specId(), delete.partition(), ArrayList::new).add(delete);
    }
  }

  private static DeleteFile newer(DeleteFile a, DeleteFile b) {
    return sequence(a) >= sequence(b) ? a : b;
  }

  private static long sequence(DeleteFile delete) {
    Long sequence = delete.dataSequenceNumber();
    return sequence == null ? 0 : sequence;
  }

  static long sequence(DataFile file) {
    Long sequence = file.dataSequenceNumber();
    return sequence == null ? 0 : sequence;
  }

  /** The deletes that apply to the file, by {@link #key}. */
  public Map<String, DeleteFile> of(DataFile file) {
    Map<String, DeleteFile> found = new LinkedHashMap<>();
    DeleteFile vector = vectors.get(file.location());
    boolean hasVector = false;
    if (vector != null && sequence(vector) >= sequence(file)) {
      hasVector = true;
      found.put(key(vector), vector);
    } else {
      collect(byPath.getOrDefault(file.location(), List.of()), file, true, found);
    }
    List<DeleteFile> ofPartition = byPartition.get(file.specId(), file.partition());
    if (ofPartition != null) {
      collect(ofPartition, file, !hasVector, found);
    }
    collect(global, file, !hasVector, found);
    return found;
  }

  private static void collect(
      List<DeleteFile> deletes, DataFile file, boolean positions, Map<String, DeleteFile> found) {
    for (DeleteFile delete : deletes) {
      boolean byPosition = delete.content() == FileContent.POSITION_DELETES;
      boolean applies =
          byPosition
              ? positions && sequence(file) <= sequence(delete)
              : sequence(file) < sequence(delete);
      if (applies) {
        found.put(key(delete), delete);
      }
    }
  }
}
