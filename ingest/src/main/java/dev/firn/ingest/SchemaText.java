package dev.firn.ingest;

import dev.firn.error.FirnException;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/**
 * Schemas as text: {@code id bigint not null, name string, price decimal(10,2), tags list<string>,
 * addr struct<street: string, zip: string>, m map<string, int>}. Stateless.
 *
 * <p>Grammar: {@code column {"," column}}, where a column is {@code name [":"] type ["not null"]
 * ["comment" 'text']}. Names with anything but letters, digits, {@code _} and {@code $} stand in
 * double quotes or backticks, doubled inside. Types are Iceberg's names, and SQL's: {@code
 * varchar}, {@code text}, {@code integer}, {@code bigint}, {@code real}, {@code double precision},
 * {@code numeric(p, s)}, {@code timestamp with time zone}, {@code bytea}, {@code array<T>}. Members
 * of structs, list elements and map values may be {@code not null} too. Words are read in any case.
 */
public final class SchemaText {
  private SchemaText() {}

  /**
   * Parses columns; ids are counted up from 1.
   *
   * @throws FirnException (invalid) naming the position
   */
  public static Schema parse(String text) {
    return new SchemaParser(text).schema();
  }

  /** Parses one type; ids of nested fields are counted up from 1. */
  public static Type parseType(String text) {
    return new SchemaParser(text).singleType();
  }

  /** Returns the columns as text that {@link #parse} reads back equal but for ids. */
  public static String format(Schema schema) {
    StringBuilder out = new StringBuilder();
    for (Types.NestedField field : schema.columns()) {
      out.append(out.isEmpty() ? "" : ", ");
      appendField(field, " ", out);
    }
    return out.toString();
  }

  /** Returns the type as text that {@link #parseType} reads back equal but for ids. */
  public static String format(Type type) {
    StringBuilder out = new StringBuilder();
    append(type, out);
    return out.toString();
  }

  private static void appendField(Types.NestedField field, String between, StringBuilder out) {
    out.append(quoted(field.name())).append(between);
    append(field.type(), out);
    out.append(field.isRequired() ? " not null" : "");
    if (field.doc() != null) {
      out.append(" comment '").append(field.doc().replace("'", "''")).append('\'');
    }
  }

  private static void append(Type type, StringBuilder out) {
    switch (type.typeId()) {
      case STRUCT -> {
        String comma = "struct<";
        for (Types.NestedField field : type.asStructType().fields()) {
          out.append(comma);
          appendField(field, ": ", out);
          comma = ", ";
        }
        out.append(comma.equals(", ") ? ">" : "struct<>");
      }
      case LIST -> {
        out.append("list<");
        append(type.asListType().elementType(), out);
        out.append(type.asListType().isElementRequired() ? " not null>" : ">");
      }
      case MAP -> {
        out.append("map<");
        append(type.asMapType().keyType(), out);
        out.append(", ");
        append(type.asMapType().valueType(), out);
        out.append(type.asMapType().isValueRequired() ? " not null>" : ">");
      }
      case DECIMAL -> {
        Types.DecimalType decimal = (Types.DecimalType) type;
        out.append("decimal(").append(decimal.precision()).append(", ");
        out.append(decimal.scale()).append(')');
      }
      case FIXED -> out.append("fixed(").append(((Types.FixedType) type).length()).append(')');
      default -> out.append(type);
    }
  }

  private static String quoted(String name) {
    boolean plain =
        !name.isEmpty()
            && !Character.isDigit(name.charAt(0))
            && name.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '_' || c == '$');
    return plain ? name : "\"" + name.replace("\"", "\"\"") + "\"";
  }
}
