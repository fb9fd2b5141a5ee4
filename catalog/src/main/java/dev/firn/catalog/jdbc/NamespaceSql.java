package dev.firn.catalog.jdbc;

/**
 * The statements over namespaces, as one database wants them. Immutable.
 *
 * <p>How it works: a namespace is there where it has rows of its own or lies above rows of others,
 * and {@code iceberg_tables} may hold very many rows of one namespace. So names are never gathered
 * from all rows: {@link #children} leaps from one name to the next that can be another child, by
 * the index, in the order of bytes; what lies below {@code a.b} stands between {@code a.b.} and
 * {@code a.b/}, as {@code /} follows {@code .}.
 */
record NamespaceSql(
    String exists, String childTables, String childNamespaces, String lockShared, String lock) {
  private static final String TABLES = "iceberg_tables";
  private static final String NAMESPACES = "iceberg_namespace_properties";

  private static final NamespaceSql SQLITE = build(Dialect.SQLITE);
  private static final NamespaceSql POSTGRESQL = build(Dialect.POSTGRESQL);

  static NamespaceSql of(Dialect dialect) {
    return switch (dialect) {
      case SQLITE -> SQLITE;
      case POSTGRESQL -> POSTGRESQL;
    };
  }

  private static NamespaceSql build(Dialect dialect) {
    boolean postgresql = dialect == Dialect.POSTGRESQL;
    // SQLite compares bytes anyway, and locks the whole database for a writing transaction.
    String bytewise = postgresql ? " COLLATE \"C\"" : "";
    String position = postgresql ? "strpos" : "instr";
    String rows =
        "SELECT property_key FROM iceberg_namespace_properties WHERE catalog_name = ? AND"
            + " namespace = ? ORDER BY property_key";
    return new NamespaceSql(
        exists(bytewise),
        children(TABLES, "table_namespace", bytewise, position),
        children(NAMESPACES, "namespace", bytewise, position),
        rows + (postgresql ? " FOR SHARE" : ""),
        rows + (postgresql ? " FOR UPDATE" : ""));
  }

  /** Parameters: twice catalog and name, twice catalog, the first name below and the end. */
  private static String exists(String bytewise) {
    return "SELECT "
        + String.join(
            " OR ",
            equal(NAMESPACES, "namespace"),
            equal(TABLES, "table_namespace"),
            below(NAMESPACES, "namespace", bytewise),
            below(TABLES, "table_namespace", bytewise));
  }

  private static String equal(String table, String column) {
    return "EXISTS (SELECT 1 FROM %s WHERE catalog_name = ? AND %s = ?)".formatted(table, column);
  }

  private static String below(String table, String column, String bytewise) {
    return "EXISTS (SELECT 1 FROM %1$s WHERE catalog_name = ? AND %2$s%3$s >= ? AND %2$s%3$s < ?)"
        .formatted(table, column, bytewise);
  }

  /**
   * Returns names below a parent, at least one of each child and at most two. Parameters: catalog,
   * the first name below, the end; catalog, where the child's own level begins, the sign after a
   * name that is a child, where it begins twice more less one, where it begins, the end.
   */
  private static String children(String table, String column, String bytewise, String position) {
    String next =
        "SELECT CAST((SELECT t.%2$s FROM %1$s t WHERE t.catalog_name = ? AND t.%2$s%3$s >= %4$s"
            + " AND t.%2$s%3$s < ? ORDER BY t.%2$s%3$s LIMIT 1) AS TEXT)%3$s";
    String beyond =
        "CASE WHEN %1$s(substr(f.name, ?), '.') = 0 THEN f.name || ?".formatted(position)
            + " ELSE substr(f.name, 1, ? + %1$s(substr(f.name, ?), '.')) || '/' END"
                .formatted(position);
    return "WITH RECURSIVE found(name) AS ("
        + next.formatted(table, column, bytewise, "?")
        + " UNION ALL "
        + next.formatted(table, column, bytewise, beyond)
        + " FROM found f WHERE f.name IS NOT NULL) SELECT name FROM found WHERE name IS NOT NULL";
  }
}
