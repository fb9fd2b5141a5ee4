package dev.firn.ingest;

import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/** A recursive-descent parser of {@link SchemaText}'s grammar. Mutable, for one text. */
final class SchemaParser {
  private static final List<String> TYPES =
      List.of(
          "boolean",
          "int",
          "long",
          "float",
          "double",
          "decimal",
          "date",
          "time",
          "timestamp",
          "timestamptz",
          "string",
          "uuid",
          "binary",
          "fixed",
          "struct",
          "list",
          "map",
          "bigint",
          "varchar",
          "integer");

  private final String text;
  private int at;
  private int lastId;

  SchemaParser(String text) {
    this.text = text;
  }

  Schema schema() {
    List<Types.NestedField> fields = fields();
    requireEnd();
    return TypeUtil.assignIncreasingFreshIds(new Schema(fields));
  }

  Type singleType() {
    Type type = type();
    requireEnd();
    if (type.isPrimitiveType()) {
      return type;
    }
    int[] last = {-1};
    Schema wrapped = new Schema(Types.NestedField.optional(++lastId, "t", type));
    return TypeUtil.assignFreshIds(wrapped, () -> ++last[0]).findType("t");
  }

  private List<Types.NestedField> fields() {
    List<Types.NestedField> fields = new ArrayList<>();
    Set<String> names = new HashSet<>();
    do {
      int start = skipBlanks();
      Types.NestedField field = field();
      if (!names.add(field.name())) {
        at = start;
        throw error("each column once", "'" + field.name() + "' again");
      }
      fields.add(field);
    } while (accept(','));
    return fields;
  }

  private Types.NestedField field() {
    String name = name();
    accept(':');
    Type type = type();
    boolean required = notNull();
    String doc = comment();
    int id = ++lastId;
    return required
        ? Types.NestedField.required(id, name, type, doc)
        : Types.NestedField.optional(id, name, type, doc);
  }

  private String name() {
    skipBlanks();
    char quote = at < text.length() ? text.charAt(at) : 0;
    if (quote == '"' || quote == '`') {
      String name = quoted(quote);
      if (name.isEmpty()) {
        throw error("a column name", "an empty one");
      }
      return name;
    }
    String word = word();
    if (word.isEmpty()) {
      throw error("a column name", found());
    }
    return word;
  }

  private String quoted(char quote) {
    int start = at++;
    StringBuilder out = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c != quote) {
        out.append(c);
      } else if (at < text.length() && text.charAt(at) == quote) {
        out.append(text.charAt(at++));
      } else {
        return out.toString();
      }
    }
    at = start;
    throw error("a closing " + quote, "the end of the text");
  }

  private String word() {
    int start = skipBlanks();
    while (at < text.length() && wordChar(text.charAt(at))) {
      at++;
    }
    return text.substring(start, at);
  }

  private static boolean wordChar(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '$';
  }

  private boolean acceptWord(String wanted) {
    int start = at;
    if (word().equalsIgnoreCase(wanted)) {
      return true;
    }
    at = start;
    return false;
  }

  private boolean notNull() {
    int start = at;
    if (acceptWord("not")) {
      if (acceptWord("null")) {
        return true;
      }
      throw error("null after not", found());
    }
    at = start;
    acceptWord("null");
    return false;
  }

  private @Nullable String comment() {
    if (!acceptWord("comment")) {
      return null;
    }
    skipBlanks();
    if (at >= text.length() || text.charAt(at) != '\'') {
      throw error("the comment in single quotes", found());
    }
    return quoted('\'');
  }

  private Type type() {
    int start = skipBlanks();
    String name = word().toLowerCase(Locale.ROOT);
    return switch (name) {
      case "boolean", "bool" -> Types.BooleanType.get();
      case "int", "integer", "int4", "smallint", "tinyint" -> Types.IntegerType.get();
      case "long", "bigint", "int8" -> Types.LongType.get();
      case "float", "real", "float4" -> Types.FloatType.get();
      case "double" -> {
        acceptWord("precision");
        yield Types.DoubleType.get();
      }
      case "float8" -> Types.DoubleType.get();
      case "decimal", "numeric" -> decimal();
      case "date" -> Types.DateType.get();
      case "time" -> Types.TimeType.get();
      case "timestamp" -> timestamp();
      case "timestamptz" -> Types.TimestampType.withZone();
      case "timestamp_ns" -> Types.TimestampNanoType.withoutZone();
      case "timestamptz_ns" -> Types.TimestampNanoType.withZone();
      case "string", "text" -> Types.StringType.get();
      case "varchar", "char" -> {
        if (accept('(')) {
          number();
          expect(')');
        }
        yield Types.StringType.get();
      }
      case "uuid" -> Types.UUIDType.get();
      case "binary", "bytea", "varbinary", "blob" -> Types.BinaryType.get();
      case "fixed" -> fixed();
      case "struct", "row" -> struct();
      case "list", "array" -> list();
      case "map" -> map();
      default -> {
        at = start;
        throw error("a type", found(), NearMatch.hint(name, TYPES));
      }
    };
  }

  private Type decimal() {
    int start = at;
    if (!accept('(')) {
      throw error("decimal(precision, scale)", found());
    }
    int precision = number();
    int scale = accept(',') ? number() : 0;
    expect(')');
    if (precision < 1 || precision > 38 || scale > precision) {
      at = start;
      throw error("a precision of 1 to 38 and a scale up to it", precision + " and " + scale);
    }
    return Types.DecimalType.of(precision, scale);
  }

  private Type timestamp() {
    boolean with = acceptWord("with");
    if (with || acceptWord("without")) {
      acceptWord("local");
      if (!acceptWord("time") || !acceptWord("zone")) {
        throw error("time zone", found());
      }
    }
    return with ? Types.TimestampType.withZone() : Types.TimestampType.withoutZone();
  }

  private Type fixed() {
    boolean bracket = accept('[');
    if (!bracket) {
      expect('(');
    }
    int length = number();
    expect(bracket ? ']' : ')');
    return Types.FixedType.ofLength(length);
  }

  private Type struct() {
    expect('<');
    if (accept('>')) {
      return Types.StructType.of();
    }
    List<Types.NestedField> fields = fields();
    expect('>');
    return Types.StructType.of(fields);
  }

  private Type list() {
    expect('<');
    Type element = type();
    boolean required = notNull();
    expect('>');
    int id = ++lastId;
    return required
        ? Types.ListType.ofRequired(id, element)
        : Types.ListType.ofOptional(id, element);
  }

  private Type map() {
    expect('<');
    Type key = type();
    notNull();
    expect(',');
    Type value = type();
    boolean required = notNull();
    expect('>');
    int keyId = ++lastId;
    int valueId = ++lastId;
    return required
        ? Types.MapType.ofRequired(keyId, valueId, key, value)
        : Types.MapType.ofOptional(keyId, valueId, key, value);
  }

  private int number() {
    int start = skipBlanks();
    while (at < text.length() && Character.isDigit(text.charAt(at))) {
      at++;
    }
    if (at == start || at - start > 9) {
      at = start;
      throw error("a number", found());
    }
    return Integer.parseInt(text.substring(start, at));
  }

  private int skipBlanks() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at;
  }

  private boolean accept(char wanted) {
    skipBlanks();
    if (at < text.length() && text.charAt(at) == wanted) {
      at++;
      return true;
    }
    return false;
  }

  private void expect(char wanted) {
    if (!accept(wanted)) {
      throw error("'" + wanted + "'", found());
    }
  }

  private void requireEnd() {
    skipBlanks();
    if (at < text.length()) {
      throw error("a comma or the end", found());
    }
  }

  private String found() {
    int start = skipBlanks();
    if (start >= text.length()) {
      return "the end of the text";
    }
    int end = start;
    while (end < text.length() && wordChar(text.charAt(end))) {
      end++;
    }
    return "'" + text.substring(start, Math.max(end, start + 1)) + "'";
  }

  private FirnException error(String expected, String got) {
    return error(expected, got, "");
  }

  private FirnException error(String expected, String got, String hint) {
    return FirnException.invalid(
        "Cannot parse schema: position %d: expected %s, got %s%s [%s]"
            .formatted(at + 1, expected, got, hint, text));
  }
}
