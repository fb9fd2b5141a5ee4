package dev.firn.catalog.commit;

import java.util.List;
import org.apache.iceberg.MetadataUpdate;
import org.apache.iceberg.UpdateRequirement;
import org.apache.iceberg.catalog.TableIdentifier;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction over several tables does to one of them: its metadata changes, then its rows.
 *
 * @param requirements of the table's newest metadata; one that is not met is a conflict. A table to
 *     be made requires that it does not exist
 * @param updates of its metadata, which the changes of rows then find
 * @param requests changes of rows, in order, each a snapshot of its own
 * @param unchanged the metadata location that must still be current; null where others may have
 *     changed the table meanwhile
 */
public record TableChanges(
    TableIdentifier table,
    List<UpdateRequirement> requirements,
    List<MetadataUpdate> updates,
    List<CommitRequest> requests,
    @Nullable String unchanged) {
  public TableChanges {
    requirements = List.copyOf(requirements);
    updates = List.copyOf(updates);
    requests = List.copyOf(requests);
  }

  /** Changes of rows alone. */
  public TableChanges(TableIdentifier table, List<CommitRequest> requests) {
    this(table, List.of(), List.of(), requests, null);
  }

  /** The same, where nobody else may have changed the table. */
  public TableChanges requireUnchanged(String at) {
    return new TableChanges(table, requirements, updates, requests, at);
  }

  /** A table that is not changed, and that nobody else may have changed. */
  public static TableChanges none(TableIdentifier table, String unchanged) {
    return new TableChanges(table, List.of(), List.of(), List.of(), unchanged);
  }
}
