package dev.firn.compaction.maintain;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.ContentFileUtil;
import org.apache.iceberg.util.PartitionMap;
import org.jspecify.annotations.Nullable;

/**
 * How old the data files of some deletes' scopes are, so that it can be told whether a delete file
 * may apply to any of them. Mutable; confined to one thread. Holds one number for each partition,
 * and one for each data file that a delete names.
 *
 * <p>The rules are those of the table spec ("Scan planning"): a deletion vector applies to the file
 * it names; a position delete to data files of its partition and spec (of its path, where it names
 * one) that are as old as it or older; an equality delete to older ones of its partition and spec,
 * or where its spec has no partitions of the whole table. Column statistics are not looked at.
 */
public final class DataFileAges {
  private final Map<Integer, PartitionSpec> specs;
  private final PartitionMap<Long> oldest;
  private final Map<String, Long> named = new HashMap<>();
  private long oldestOfAll = Long.MAX_VALUE;

  private DataFileAges(Map<Integer, PartitionSpec> specs) {
    this.specs = specs;
    this.oldest = PartitionMap.create(specs);
  }

  /** Of no data file yet, for questions about {@code deletes} alone. */
  public static DataFileAges none(Table table, Collection<DeleteFile> deletes) {
    DataFileAges ages = new DataFileAges(table.specs());
    for (DeleteFile delete : deletes) {
      String path = path(delete);
      if (path != null) {
        ages.named.put(path, Long.MAX_VALUE);
      }
    }
    return ages;
  }

  /** Takes a live data file into account. */
  public void add(DataFile file) {
    long sequence = sequence(file);
    oldestOfAll = Math.min(oldestOfAll, sequence);
    Long known = oldest.get(file.specId(), file.partition());
    if (known == null || sequence < known) {
      oldest.put(file.specId(), file.partition(), sequence);
    }
    named.computeIfPresent(file.location(), (path, age) -> Math.min(age, sequence));
  }

  /** Whether the delete file may take rows of a data file that was added. */
  public boolean reachedBy(DeleteFile delete) {
    String path = path(delete);
    if (path != null) {
      long age = named.getOrDefault(path, Long.MAX_VALUE);
      // A vector older than its file is an error that a reader reports: it is not ours to hide.
      return ContentFileUtil.isDV(delete) ? age < Long.MAX_VALUE : age <= sequence(delete);
    }
    if (delete.content() == FileContent.POSITION_DELETES) {
      return oldest(delete) <= sequence(delete);
    }
    PartitionSpec spec = specs.get(delete.specId());
    boolean everywhere = spec != null && spec.isUnpartitioned();
    return (everywhere ? oldestOfAll : oldest(delete)) < sequence(delete);
  }

  /** Returns the data file that the delete names, alone; null where it may name several. */
  static @Nullable String path(DeleteFile delete) {
    return delete.content() == FileContent.POSITION_DELETES
        ? ContentFileUtil.referencedDataFileLocation(delete)
        : null;
  }

  private long oldest(DeleteFile delete) {
    Long known = oldest.get(delete.specId(), delete.partition());
    return known == null ? Long.MAX_VALUE : known;
  }

  private static long sequence(ContentFile<?> file) {
    Long sequence = file.dataSequenceNumber();
    if (sequence == null) {
      throw new IllegalStateException("A live file has no sequence number: " + file.location());
    }
    return sequence;
  }
}
