package dev.firn.scan.plan;

import dev.firn.storage.cache.Weighed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.ContentFileUtil;
import org.apache.iceberg.util.PartitionMap;
import org.jspecify.annotations.Nullable;

/**
 * The delete files of some manifests by what they apply to, by the rules of Iceberg's {@code
 * DeleteFileIndex}: global and partitioned equality deletes, position deletes of a partition or of
 * one file, deletion vectors. Immutable once built; thread-safe.
 */
final class DeleteIndex implements Weighed {
  private static final DeleteFile[] NONE = {};

  /** About what an entry takes beside its columns: the file, its place in a list or table. */
  private static final int ENTRY_BYTES = 96;

  private final List<Object> identity;
  private final List<EqualityDelete> global = new ArrayList<>();
  private final PartitionMap<List<EqualityDelete>> equalityByPartition;
  private final PartitionMap<List<PlannedDeleteFile>> positionsByPartition;
  private final PathTable byPath = new PathTable();
  private final long columnBytes;
  private long files;

  /**
   * @param identity what it was made from, to tell indexes apart
   */
  private DeleteIndex(
      List<Object> identity, List<Manifest> manifests, Map<Integer, PartitionSpec> specs) {
    this.identity = identity;
    // It keeps them, even where the manifests themselves were evicted.
    this.columnBytes = manifests.stream().mapToLong(Manifest::weight).sum();
    this.equalityByPartition = PartitionMap.create(specs);
    this.positionsByPartition = PartitionMap.create(specs);
  }

  /**
   * Indexes the delete files of manifests.
   *
   * @param fields fields of all schemas of the table, by id
   */
  static DeleteIndex of(
      List<Object> identity,
      List<Manifest> manifests,
      Map<Integer, PartitionSpec> specs,
      Function<Integer, SpecPlan> plans,
      Map<Integer, NestedField> fields) {
    DeleteIndex index = new DeleteIndex(identity, manifests, specs);
    for (Manifest manifest : manifests) {
      SpecPlan plan = plans.apply(manifest.specId());
      for (Chunk chunk : manifest.chunks()) {
        plan.check(chunk);
        for (int row = 0; row < chunk.rows(); row++) {
          StructLike partition = plan.partition(chunk, chunk.partitions().code(row));
          index.add(
              new PlannedDeleteFile(manifest, chunk, row, partition, PlannedFile.ALL),
              plan.isUnpartitioned(),
              fields);
        }
      }
    }
    index.sort();
    return index;
  }

  private void add(PlannedDeleteFile file, boolean everywhere, Map<Integer, NestedField> fields) {
    Long sequence = file.dataSequenceNumber();
    if (sequence == null) {
      throw new DamagedManifestException("a delete file without a sequence number");
    }
    if (sequence <= 0) {
      return;
    }
    files++;
    if (file.content() == FileContent.EQUALITY_DELETES) {
      EqualityDelete delete = equality(file, fields);
      List<EqualityDelete> group =
          everywhere
              ? global
              : equalityByPartition.computeIfAbsent(
                  file.specId(), file.partition(), ArrayList::new);
      group.add(delete);
      return;
    }
    if (file.content() != FileContent.POSITION_DELETES) {
      throw new DamagedManifestException("a data file in a manifest of delete files");
    }
    String path = ContentFileUtil.referencedDataFileLocation(file);
    PlannedDeleteFile kept = keeping(file, Set.of(MetadataColumns.DELETE_FILE_PATH.fieldId()));
    if (path != null) {
      byPath.add(path, kept);
    } else {
      positionsByPartition
          .computeIfAbsent(file.specId(), file.partition(), ArrayList::new)
          .add(kept);
    }
  }

  private static EqualityDelete equality(PlannedDeleteFile file, Map<Integer, NestedField> fields) {
    List<Integer> ids = file.equalityFieldIds();
    if (ids == null) {
      throw new DamagedManifestException("an equality delete file without fields");
    }
    List<NestedField> its = new ArrayList<>();
    for (int id : ids) {
      NestedField field = fields.get(id);
      if (field == null) {
        throw new DamagedManifestException(
            "an equality delete on field " + id + ", which no schema has");
      }
      its.add(field);
    }
    return new EqualityDelete(keeping(file, Set.copyOf(ids)), List.copyOf(its));
  }

  private static PlannedDeleteFile keeping(PlannedDeleteFile file, Set<Integer> ids) {
    return (PlannedDeleteFile) file.copyWithStats(ids);
  }

  private void sort() {
    Comparator<PlannedDeleteFile> order = Comparator.comparingLong(DeleteIndex::sequence);
    positionsByPartition.values().forEach(group -> group.sort(order));
    Comparator<EqualityDelete> byFile = Comparator.comparing(EqualityDelete::file, order);
    global.sort(byFile);
    equalityByPartition.values().forEach(group -> group.sort(byFile));
  }

  private static long sequence(DeleteFile file) {
    Long sequence = file.dataSequenceNumber();
    return sequence == null ? 0 : sequence;
  }

  boolean isFor(List<Object> other) {
    return identity.equals(other);
  }

  boolean isEmpty() {
    return files == 0;
  }

  /**
   * The deletes that apply to a data file, of those that the filter of a plan keeps.
   *
   * @param data with its statistics
   */
  DeleteFile[] of(DataFile data, Predicate<PlannedDeleteFile> kept) {
    long sequence = sequence(data);
    List<DeleteFile> found = new ArrayList<>();
    equality(global, data, sequence, kept, found);
    equality(equalityByPartition.get(data.specId(), data.partition()), data, sequence, kept, found);
    List<PlannedDeleteFile> ofPath = byPath.get(data.location(), kept);
    PlannedDeleteFile vector = vector(ofPath, sequence);
    if (vector != null) {
      found.add(vector);
    } else {
      positions(positionsByPartition.get(data.specId(), data.partition()), sequence, kept, found);
      positions(ofPath, sequence, kept, found);
    }
    return found.toArray(NONE);
  }

  private static long sequence(DataFile data) {
    Long sequence = data.dataSequenceNumber();
    if (sequence == null) {
      throw new DamagedManifestException("a data file without a sequence number");
    }
    return sequence;
  }

  private static void equality(
      @Nullable List<EqualityDelete> group,
      DataFile data,
      long sequence,
      Predicate<PlannedDeleteFile> kept,
      List<DeleteFile> found) {
    if (group == null) {
      return;
    }
    for (int i = after(group, sequence); i < group.size(); i++) {
      EqualityDelete delete = group.get(i);
      if (kept.test(delete.file()) && delete.mayApply(data)) {
        found.add(delete.file());
      }
    }
  }

  /** The first of the group that is younger than the sequence number. */
  private static int after(List<EqualityDelete> group, long sequence) {
    int low = 0;
    int high = group.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sequence((DeleteFile) group.get(middle).file()) > sequence) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  private static @Nullable PlannedDeleteFile vector(List<PlannedDeleteFile> ofPath, long sequence) {
    PlannedDeleteFile vector = null;
    for (PlannedDeleteFile file : ofPath) {
      if (ContentFileUtil.isDV(file)) {
        if (vector != null) {
          throw new ValidationException(
              "Can't index multiple DVs for %s: %s and %s",
              file.referencedDataFile(),
              ContentFileUtil.dvDesc(vector),
              ContentFileUtil.dvDesc(file));
        }
        vector = file;
      }
    }
    if (vector != null && sequence((DeleteFile) vector) < sequence) {
      throw new ValidationException(
          "DV data sequence number (%s) must be greater than or equal to data file sequence number (%s)",
          vector.dataSequenceNumber(), sequence);
    }
    return vector;
  }

  private static void positions(
      @Nullable List<PlannedDeleteFile> group,
      long sequence,
      Predicate<PlannedDeleteFile> kept,
      List<DeleteFile> found) {
    if (group != null) {
      for (PlannedDeleteFile file : group) {
        if (sequence((DeleteFile) file) >= sequence && kept.test(file)) {
          found.add(file);
        }
      }
    }
  }

  @Override
  public long weight() {
    return 400 + columnBytes + files * ENTRY_BYTES + 100L * identity.size();
  }
}
