package dev.firn.sql;

import java.sql.PreparedStatement;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The columns of a result: distinct names, DuckDB's types, and for each the type that it is cast to
 * where Iceberg has no like of its own. Immutable.
 */
record ResultShape(List<String> names, List<String> types, List<String> targets, boolean renamed) {
  static ResultShape of(PreparedStatement statement) throws SQLException {
    ResultSetMetaData columns = statement.getMetaData();
    Set<String> taken = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    List<String> names = new ArrayList<>();
    List<String> types = new ArrayList<>();
    boolean renamed = false;
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      String name = columns.getColumnName(i);
      String distinct = name;
      for (int n = 1; !taken.add(distinct); n++) {
        distinct = name + "_" + n;
      }
      renamed |= !distinct.equals(name);
      names.add(distinct);
      types.add(columns.getColumnTypeName(i));
    }
    return new ResultShape(
        List.copyOf(names),
        List.copyOf(types),
        types.stream().map(ResultShape::target).toList(),
        renamed);
  }

  /** Returns the query, inside another that names and casts its columns where that is needed. */
  String wrap(String query) {
    if (!renamed && types.equals(targets)) {
      return query;
    }
    List<String> inner = new ArrayList<>();
    List<String> outer = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      inner.add("c" + i);
      String column = types.get(i).equals(targets.get(i)) ? "c%d" : "cast(c%d as %s)";
      outer.add(column.formatted(i, targets.get(i)) + " as " + quoted(names.get(i)));
    }
    return "select %s from (\n%s\n) as q(%s)"
        .formatted(String.join(", ", outer), query, String.join(", ", inner));
  }

  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private record Cast(Pattern from, String to) {
    static Cast of(String from, String to) {
      // A type's name ends a field or the whole; a field's name never does.
      return new Cast(Pattern.compile("(?<![\\w\"])" + from + "(?=[\\[\\]),]|$)"), to);
    }
  }

  private static final List<Cast> CASTS =
      List.of(
          Cast.of("U?HUGEINT", "DECIMAL(38,0)"),
          Cast.of("UBIGINT", "DECIMAL(20,0)"),
          Cast.of("UINTEGER", "BIGINT"),
          Cast.of("(?:U?TINYINT|U?SMALLINT)", "INTEGER"),
          Cast.of("(?:TIMESTAMP_S|TIMESTAMP_MS)", "TIMESTAMP"),
          Cast.of("TIME_NS", "TIME"),
          Cast.of("(?:INTERVAL|TIME WITH TIME ZONE|BIT|JSON|BIGNUM|ENUM)", "VARCHAR"),
          new Cast(Pattern.compile("\"NULL\""), "INTEGER"),
          new Cast(Pattern.compile("\\[\\d+\\]"), "[]"));

  private static final Pattern NO_LIKE =
      Pattern.compile("\\b(?:ENUM|UNION)\\(|\\b(?:VARIANT|GEOMETRY)\\b");

  private static String target(String type) {
    if (NO_LIKE.matcher(type.toUpperCase(Locale.ROOT)).find()) {
      return "VARCHAR";
    }
    String target = type;
    for (Cast cast : CASTS) {
      target = cast.from().matcher(target).replaceAll(cast.to());
    }
    return target;
  }
}
