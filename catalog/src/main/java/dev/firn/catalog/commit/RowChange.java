package dev.firn.catalog.commit;

import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.IsolationLevel;
import org.apache.iceberg.expressions.Expression;
import org.jspecify.annotations.Nullable;

/**
 * One change of a table's rows, to be committed as one snapshot.
 *
 * @param branch the branch it goes to
 * @param added data files that come
 * @param removed data files that go whole
 * @param deletes delete files that come
 * @param superseded delete files that the new ones replace
 * @param referenced paths of data files that {@code deletes} refer to: they must still be there
 * @param base the snapshot that the change was computed from; null where it read nothing (a plain
 *     append)
 * @param read the rows that the change depends on: under serializable isolation, rows that appeared
 *     there since {@code base} are a conflict
 * @param isolation under which it read; of no meaning where it read nothing
 * @param summary extra snapshot summary entries
 */
public record RowChange(
    String branch,
    List<DataFile> added,
    List<DataFile> removed,
    List<DeleteFile> deletes,
    List<DeleteFile> superseded,
    List<String> referenced,
    @Nullable Long base,
    Expression read,
    IsolationLevel isolation,
    Map<String, String> summary) {

  /** Returns the same change, read under another isolation level. */
  public RowChange under(IsolationLevel level) {
    return new RowChange(
        branch, added, removed, deletes, superseded, referenced, base, read, level, summary);
  }
}
