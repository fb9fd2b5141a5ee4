package dev.firn.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a query's syntax tree says, read from DuckDB's own parser. Immutable.
 *
 * @param tables each mention of a table by two name parts or more, repeated mentions repeated
 * @param mentions every name and text in the query, in lower case
 * @param allColumns true where a column may be needed that is not mentioned by its name
 */
record StatementTree(List<List<String>> tables, Set<String> mentions, boolean allColumns) {
  /** Marks of the syntax that reaches columns otherwise than by their names. */
  private static final Set<String> WHOLE_ROWS =
      Set.of("STAR", "POSITIONAL_REFERENCE", "SHOW_REF", "PIVOT", "NATURAL", "POSITIONAL");

  /** The tree as rows: value, type of value, key. */
  private static final String NODES =
      " from (select value as v, type as t, key as k from json_tree(?::json)) where ";

  private static final String BASE_TABLE = "t = 'OBJECT' and v->>'type' = 'BASE_TABLE'";

  /** Stands between the parts of a name; no name can hold it. */
  private static final String BETWEEN = "\u001f";

  /**
   * Parses a query.
   *
   * @throws dev.firn.error.FirnException (invalid) where it is none
   */
  static StatementTree parse(Connection duck, String query) throws SQLException {
    String tree = serialize(duck, query);
    Set<String> marks =
        Set.copyOf(texts(duck, tree, "distinct v->>'$'", "k in ('type', 'ref_type')"));
    if (marks.stream().anyMatch(mark -> mark.endsWith("_QUERY_NODE"))) {
      throw SqlErrors.refused("it changes data");
    }
    if (!texts(duck, tree, "v->>'unit'", "k = 'at_clause' and t = 'OBJECT'").isEmpty()) {
      throw SqlErrors.refused(
          "AT is not supported; name the snapshot with the table, as in \"orders@2026-01-31\"");
    }
    Set<String> mentions = lower(texts(duck, tree, "distinct v->>'$'", "t = 'VARCHAR'"));
    boolean all = WHOLE_ROWS.stream().anyMatch(marks::contains) || wholeRows(duck, tree);
    return new StatementTree(paths(duck, tree), Set.copyOf(mentions), all);
  }

  private static String serialize(Connection duck, String query) throws SQLException {
    String sql =
        "select j, j->>'error', j->>'error_type', j->>'error_message', j->>'position'"
            + " from (select json_serialize_sql(?) as j)";
    try (PreparedStatement statement = duck.prepareStatement(sql)) {
      statement.setString(1, query);
      try (ResultSet result = statement.executeQuery()) {
        result.next();
        if (result.getString(2).equals("false")) {
          return result.getString(1);
        }
        if (result.getString(3).equals("not implemented")) {
          throw SqlErrors.refused("it is not a query");
        }
        throw SqlErrors.syntax(query, result.getString(4), result.getString(5));
      }
    }
  }

  /** A whole row by its table's name or alias, or columns renamed by position. */
  private static boolean wholeRows(Connection duck, String tree) throws SQLException {
    String renamed = "k = 'column_name_alias' and json_array_length(v) > 0";
    if (!texts(duck, tree, "k", renamed).isEmpty()) {
      return true;
    }
    // Table expressions alone have both an alias and a sample.
    String table = "t = 'OBJECT' and json_exists(v, '$.sample') and json_exists(v, '$.alias')";
    Set<String> tables = lower(texts(duck, tree, "v->>'alias'", table));
    tables.addAll(lower(texts(duck, tree, "v->>'table_name'", BASE_TABLE)));
    Set<String> columns = lower(texts(duck, tree, "v->>'$[#-1]'", "k = 'column_names'"));
    columns.retainAll(tables);
    return !columns.isEmpty();
  }

  private static Set<String> lower(List<String> texts) {
    Set<String> lower = new HashSet<>();
    texts.forEach(text -> lower.add(text.toLowerCase(Locale.ROOT)));
    lower.remove("");
    return lower;
  }

  private static List<List<String>> paths(Connection duck, String tree) throws SQLException {
    String path = "array_to_string((v->'$.qualified_name.path')::varchar[], chr(31))";
    return texts(duck, tree, path, BASE_TABLE).stream()
        .map(joined -> List.of(joined.split(BETWEEN)))
        .filter(parts -> parts.size() > 1)
        .toList();
  }

  private static List<String> texts(Connection duck, String tree, String what, String where)
      throws SQLException {
    try (PreparedStatement statement =
        duck.prepareStatement("select " + what + NODES + "(" + where + ")")) {
      statement.setString(1, tree);
      List<String> texts = new ArrayList<>();
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          String text = result.getString(1);
          if (text != null) {
            texts.add(text);
          }
        }
      }
      return texts;
    }
  }
}
