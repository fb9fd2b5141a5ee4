package dev.firn.cli.quickstart;

import dev.firn.Lakehouse;
import dev.firn.scan.SnapshotSelector;
import dev.firn.sql.SqlOptions;
import dev.firn.sql.SqlResult;
import dev.firn.sql.SqlSession;
import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;

/** Runs the quickstart's query, which groups line items by their status, and reads the groups. */
final class StatusQuery {
  private StatusQuery() {}

  /** Reads the snapshot that the tag {@code ref} names, or the newest where it is null. */
  static Map<String, Totals> run(Lakehouse lake, String sql, @Nullable String ref) {
    SqlOptions options =
        ref == null ? SqlOptions.DEFAULT : SqlOptions.DEFAULT.asOf(new SnapshotSelector.Ref(ref));
    Map<String, Totals> groups = new TreeMap<>();
    try (SqlSession session = SqlSession.open(lake, options);
        SqlResult result = session.query(sql)) {
      while (result.hasNext()) {
        Record group = result.next();
        groups.put(
            (String) group.get(0), new Totals((Long) group.get(1), (BigDecimal) group.get(2)));
      }
    }
    return groups;
  }
}
