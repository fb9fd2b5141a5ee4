package dev.firn.catalog;

import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;

/**
 * Names of tables and namespaces, as users write them. SKELETON: the storage helper's version wins.
 */
public final class TableName {
  private TableName() {}

  /** {@code a.b.c} is table c of namespace a.b. */
  public static TableIdentifier parse(String text) {
    throw new UnsupportedOperationException(text);
  }

  public static Namespace parseNamespace(String text) {
    throw new UnsupportedOperationException(text);
  }

  public static String format(TableIdentifier id) {
    throw new UnsupportedOperationException(id.toString());
  }
}
