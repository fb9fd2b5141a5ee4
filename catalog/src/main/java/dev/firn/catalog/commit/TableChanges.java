package dev.firn.catalog.commit;

import java.util.List;
import org.apache.iceberg.catalog.TableIdentifier;

/** The changes of one table in a transaction over several, in order. */
public record TableChanges(TableIdentifier table, List<CommitRequest> requests) {
  public TableChanges {
    requests = List.copyOf(requests);
  }
}
