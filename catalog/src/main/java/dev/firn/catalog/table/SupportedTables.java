package dev.firn.catalog.table;

import dev.firn.error.FirnException;
import java.util.Map;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;

/** Refuses tables whose promises Firn would break silently. Stateless. */
public final class SupportedTables {
  private static final int NEWEST_FORMAT = 3;

  private SupportedTables() {}

  public static Table check(String name, Table table) {
    if (table instanceof HasTableOperations operations) {
      check(name, operations.operations().current());
    }
    return table;
  }

  public static void check(String name, TableMetadata metadata) {
    checkFormat(name, metadata.formatVersion());
    checkEncryption(name, metadata.properties());
  }

  /** Checks what a new table, or a change of properties, asks for. */
  public static void check(String name, Map<String, String> properties) {
    checkEncryption(name, properties);
    String version = properties.get(TableProperties.FORMAT_VERSION);
    if (version != null) {
      try {
        checkFormat(name, Integer.parseInt(version));
      } catch (NumberFormatException e) {
        throw FirnException.invalid(
            "Cannot use table %s: bad property format-version, expected 1, 2 or 3, got %s"
                .formatted(name, version));
      }
    }
  }

  private static void checkFormat(String name, int version) {
    if (version < 1 || version > NEWEST_FORMAT) {
      throw FirnException.invalid(
          ("Cannot use table %s: its format version is not supported (version 4 is not adopted yet),"
                  + " expected 1, 2 or 3, got %d")
              .formatted(name, version));
    }
  }

  private static void checkEncryption(String name, Map<String, String> properties) {
    String key = properties.get(TableProperties.ENCRYPTION_TABLE_KEY);
    if (key != null) {
      throw FirnException.invalid(
          ("Cannot use table %s: it asks for encryption, which Firn does not do yet; its rows would"
                  + " be written in plain text, expected no property %s, got %s")
              .formatted(name, TableProperties.ENCRYPTION_TABLE_KEY, key));
    }
  }
}
