package dev.firn.compaction.erase;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What an erasure did, and the proof of it: every file that was left, and what was found in it.
 *
 * @param tableUuid the id of the table, which outlives its name
 * @param where the filter, as it was asked for
 * @param heads the snapshots that the proof holds for, by branch or tag
 * @param rowsDeleted live rows that went, of all branches
 * @param filesRewritten data files that were written anew for the rows that stay
 * @param snapshotsExpired those that reached what was erased
 * @param tagsDropped those of such snapshots
 * @param filesRemoved the files that are gone
 * @param files every file that is left below the table's locations, or reachable from it
 * @param outside what nobody can reach from here, and the operator has to see to
 */
public record ErasureReport(
    String table,
    String tableUuid,
    String where,
    Instant startedAt,
    Instant endedAt,
    Map<String, Long> heads,
    long rowsDeleted,
    int filesRewritten,
    List<Long> snapshotsExpired,
    List<String> tagsDropped,
    List<String> filesRemoved,
    List<CheckedFile> files,
    List<String> outside) {
  public ErasureReport {
    heads = Map.copyOf(heads);
    snapshotsExpired = List.copyOf(snapshotsExpired);
    tagsDropped = List.copyOf(tagsDropped);
    filesRemoved = List.copyOf(filesRemoved);
    files = List.copyOf(files);
    outside = List.copyOf(outside);
  }

  /** Whether no file holds such a row any more. */
  public boolean isProven() {
    return files.stream().allMatch(CheckedFile::isClean);
  }

  /** Returns the files in which something is left. */
  public List<CheckedFile> remaining() {
    return files.stream().filter(file -> !file.isClean()).toList();
  }
}
