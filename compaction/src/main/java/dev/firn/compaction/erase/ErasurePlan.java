package dev.firn.compaction.erase;

import java.util.List;
import java.util.Map;

/**
 * What an erasure would do now.
 *
 * @param liveRows how many rows each branch would lose, by its name
 * @param storedRows how many matching rows are in data files, deleted ones and those of the past
 *     too
 * @param dataFiles the data files that hold them
 * @param deleteFiles delete files that hold, or may hold, values of such rows
 * @param snapshots those that would expire, since they reach such files; heads of branches, which
 *     are written anew, are among them
 * @param tags the tags that would have to go
 * @param leftovers files that no snapshot reaches and that hold such rows, or cannot be told
 */
public record ErasurePlan(
    Map<String, Long> liveRows,
    long storedRows,
    List<String> dataFiles,
    List<String> deleteFiles,
    List<Long> snapshots,
    List<String> tags,
    List<CheckedFile> leftovers) {
  public ErasurePlan {
    liveRows = Map.copyOf(liveRows);
    dataFiles = List.copyOf(dataFiles);
    deleteFiles = List.copyOf(deleteFiles);
    snapshots = List.copyOf(snapshots);
    tags = List.copyOf(tags);
    leftovers = List.copyOf(leftovers);
  }

  /** Whether nothing holds such a row. */
  public boolean isEmpty() {
    return liveRows.values().stream().allMatch(rows -> rows == 0)
        && dataFiles.isEmpty()
        && deleteFiles.isEmpty()
        && snapshots.isEmpty()
        && leftovers.isEmpty();
  }
}
