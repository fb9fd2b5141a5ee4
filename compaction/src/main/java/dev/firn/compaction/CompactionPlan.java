package dev.firn.compaction;

import java.util.List;

/** What a compaction would rewrite. */
public record CompactionPlan(List<Group> groups) {
  public CompactionPlan {
    groups = List.copyOf(groups);
  }

  /**
   * Files that would be merged together: the partition as a path (empty where the table is not
   * partitioned, or where files of older partition specs are mixed), how many data files go in, how
   * many delete files apply to them, their bytes, and how many files are expected to come out.
   */
  public record Group(String partition, int files, int deleteFiles, long bytes, int outputFiles) {}
}
