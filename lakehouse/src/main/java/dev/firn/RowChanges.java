package dev.firn;

import dev.firn.catalog.commit.RowChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.IsolationLevel;
import org.apache.iceberg.expressions.Expressions;

/** Makes the row changes that the facade commits. */
final class RowChanges {
  private RowChanges() {}

  static RowChange append(String branch, List<DataFile> files, Map<String, String> summary) {
    return new RowChange(
        branch,
        files,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        null,
        Expressions.alwaysFalse(),
        IsolationLevel.SERIALIZABLE,
        summary);
  }

  /** The same, with more files. */
  static RowChange with(RowChange change, List<DataFile> more) {
    if (more.isEmpty()) {
      return change;
    }
    List<DataFile> added = new ArrayList<>(change.added());
    added.addAll(more);
    return new RowChange(
        change.branch(),
        added,
        change.removed(),
        change.deletes(),
        change.superseded(),
        change.referenced(),
        change.base(),
        change.read(),
        change.isolation(),
        change.summary());
  }
}
