package dev.firn.ingest;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a load did. Immutable.
 *
 * @param table the table loaded
 * @param created whether the load made it
 * @param rows added
 * @param rejected rows set aside
 * @param rejectedTable where they are, or null where there are none
 * @param files read
 * @param bytes size of the files read
 * @param dataFiles written
 * @param snapshotId of the one snapshot, or null where there was no row to append
 * @param schemaChanges made by the load to a table that was there, one sentence each
 * @param notes on choices that a user should know, one sentence each
 * @param duration from finding the files to the commit
 */
public record LoadResult(
    String table,
    boolean created,
    long rows,
    long rejected,
    @Nullable String rejectedTable,
    int files,
    long bytes,
    int dataFiles,
    @Nullable Long snapshotId,
    List<String> schemaChanges,
    List<String> notes,
    Duration duration) {

  public LoadResult {
    schemaChanges = List.copyOf(schemaChanges);
    notes = List.copyOf(notes);
  }
}
