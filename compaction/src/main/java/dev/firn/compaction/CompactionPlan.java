package dev.firn.compaction;

import java.util.List;

/** What a compaction would rewrite. */
public record CompactionPlan(List<Group> groups) {
  /** Files that would be merged together: the partition as a path, and what goes in. */
  public record Group(String partition, int files, int deleteFiles, long bytes, int outputFiles) {}
}
