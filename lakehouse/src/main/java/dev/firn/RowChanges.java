package dev.firn;

import dev.firn.catalog.commit.RowChange;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.IsolationLevel;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;

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

  /** Rows found by {@link RowFinder} go, and {@code added} come. */
  static RowChange replace(
      String branch,
      RowFinder.Found found,
      List<DataFile> added,
      @Nullable Long base,
      Expression read,
      IsolationLevel isolation) {
    return new RowChange(
        branch,
        added,
        found.removed(),
        found.marks().added(),
        found.marks().superseded(),
        found.marks().referencedDataFiles(),
        base,
        read,
        isolation,
        Map.of());
  }
}
