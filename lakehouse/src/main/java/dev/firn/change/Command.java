package dev.firn.change;

import dev.firn.catalog.commit.Isolation;
import dev.firn.error.FirnException;
import java.util.Locale;
import org.apache.iceberg.IsolationLevel;
import org.apache.iceberg.RowLevelOperationMode;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.TableUtil;

/** The kinds of change that Iceberg has properties for. */
enum Command {
  DELETE(TableProperties.DELETE_MODE, TableProperties.DELETE_ISOLATION_LEVEL),
  UPDATE(TableProperties.UPDATE_MODE, TableProperties.UPDATE_ISOLATION_LEVEL),
  MERGE(TableProperties.MERGE_MODE, TableProperties.MERGE_ISOLATION_LEVEL);

  private final String modeProperty;
  private final String isolationProperty;

  Command(String modeProperty, String isolationProperty) {
    this.modeProperty = modeProperty;
    this.isolationProperty = isolationProperty;
  }

  /**
   * Whether touched files are written anew instead of marked: where the table says so, and where
   * its format, version 1, has no marks.
   */
  boolean copies(Table table) {
    String mode = table.properties().get(modeProperty);
    if (mode == null) {
      return TableUtil.formatVersion(table) < 2;
    }
    for (RowLevelOperationMode each : RowLevelOperationMode.values()) {
      if (each.modeName().equals(mode.toLowerCase(Locale.ROOT))) {
        return each == RowLevelOperationMode.COPY_ON_WRITE || TableUtil.formatVersion(table) < 2;
      }
    }
    throw bad(table, modeProperty, "merge-on-read or copy-on-write", mode);
  }

  IsolationLevel isolation(Table table) {
    return Isolation.of("change " + table.name(), table.properties(), isolationProperty);
  }

  private static FirnException bad(Table table, String property, String expected, String got) {
    return FirnException.invalid(
        "Cannot change %s: bad property %s, expected %s, got %s"
            .formatted(table.name(), property, expected, got));
  }
}
