package dev.firn.compaction;

import dev.firn.compaction.plan.FileGroup;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a compaction would rewrite, in the order in which it would: what gains most for each byte of
 * work first. {@code groupsLeft} more are worth it, but beyond the budget of bytes.
 */
public record CompactionPlan(List<Group> groups, int groupsLeft) {
  public CompactionPlan {
    groups = List.copyOf(groups);
  }

  /**
   * Files that would be rewritten together.
   *
   * @param partition as a path; empty where the table is not partitioned, or where files of older
   *     partition specs are mixed
   * @param files how many data files go in
   * @param deleteFiles how many delete files apply to them
   * @param bytes of the data files
   * @param outputFiles about how many come out
   * @param filesAvoided how many files less each later scan opens, delete files included
   * @param deadBytes about how many bytes of deleted rows go
   * @param gainPerByte about how many bytes each later scan is spared for each byte that is read
   *     and written now, a file not opened counted as 4 MiB; infinite where nothing is read
   * @param reason one sentence that says why
   */
  public record Group(
      String partition,
      int files,
      int deleteFiles,
      long bytes,
      int outputFiles,
      int filesAvoided,
      long deadBytes,
      double gainPerByte,
      String reason) {
    static Group of(FileGroup group) {
      Set<String> deletes = new HashSet<>();
      group
          .sources()
          .forEach(
              source ->
                  source
                      .deletes()
                      .forEach(d -> deletes.add(d.location() + "#" + d.contentOffset())));
      return new Group(
          group.partition(),
          group.sources().size(),
          deletes.size(),
          group.bytes(),
          group.expectedFiles(),
          group.gain().filesAvoided() + group.gain().deleteFilesAvoided(),
          group.gain().deadBytes(),
          group.gain().perByte(),
          group.reason());
    }
  }
}
