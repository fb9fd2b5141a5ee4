package dev.firn.cli.quickstart;

import dev.firn.Lakehouse;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs the quickstart's query. SKELETON until the sql module is there. */
final class StatusQuery {
  private StatusQuery() {}

  static Map<String, Totals> run(Lakehouse lake, String sql, @Nullable String ref) {
    throw new UnsupportedOperationException(lake + sql + ref);
  }
}
