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
    // SQLite locks the whole database for a writing transaction.
    boolean locks = dialect == Dialect.POSTGRESQL;
    String position = dialect == Dialect.POSTGRESQL ? "strpos" : "instr";
    String rows =
        "SELECT property_key FROM iceberg_namespace_properties WHERE catalog_name = ? AND"
            + " namespace = ? ORDER BY property_key";
    return new NamespaceSql(
        exists(dialect),
        children(TABLES, "table_namespace", dialect, position),
        children(NAMESPACES, "namespace", dialect, position),
        rows + (locks ? " FOR SHARE" : ""),
        rows + (locks ? " FOR UPDATE" : ""));
  }

  /** Parameters: twice catalog and name, twice catalog, the first name below and the end. */
  private static String exists(Dialect dialect) {
    return "SELECT "
        + String.join(
            " OR ",
            equal(NAMESPACES, "namespace"),
            equal(TABLES, "table_namespace"),
            below(NAMESPACES, "namespace", dialect),
            below(TABLES, "table_namespace", dialect));
  }

  private static String equal(String table, String column) {
    return "EXISTS (SELECT 1 FROM %s WHERE catalog_name = ? AND %s = ?)".formatted(table, column);
  }

  private static String below(String table, String column, Dialect dialect) {
    return "EXISTS (SELECT 1 FROM %1$s WHERE catalog_name = ? AND %2$s >= ? AND %2$s < ?)"
        .formatted(table, dialect.bytewise(column));
  }

  /**
   * Returns names below a parent, at least one of each child and at most two. Parameters: catalog,
   * the first name below, the end; catalog, where the child's own level begins, the sign that
   * precedes all others, where the level begins less two, where it begins, the end.
   */
  private static String children(String table, String column, Dialect dialect, String position) {
    String next =
        ("SELECT "
                + dialect.bytewise(
                    "CAST((SELECT t.%2$s FROM %1$s t WHERE t.catalog_name = ? AND %3$s >= %%s AND"
                        + " %3$s < ? ORDER BY %3$s LIMIT 1) AS TEXT)"))
            .formatted(table, column, dialect.bytewise("t." + column));
    String beyond =
        ("CASE WHEN %1$s(substr(f.name, ?), '.') = 0 THEN f.name || ?"
                + " ELSE substr(f.name, 1, ? + %1$s(substr(f.name, ?), '.')) || '/' END")
            .formatted(position);
    return "WITH RECURSIVE found(name) AS ("
        + next.formatted("?")
        + " UNION ALL "
        + next.formatted(beyond)
        + " FROM found f WHERE f.name IS NOT NULL) SELECT name FROM found WHERE name IS NOT NULL";
  }
}
