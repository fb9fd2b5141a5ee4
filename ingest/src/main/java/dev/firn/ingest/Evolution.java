package dev.firn.ingest;

import dev.firn.ingest.read.Promotion;
import dev.firn.ingest.value.FieldIds;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;

/**
 * What a table's schema must become to hold a source: missing columns added, narrow types widened
 * as Iceberg allows, nothing else touched. A builder; one use.
 */
final class Evolution {
  private final List<String> changes = new ArrayList<>();

  private Evolution() {}

  /** The schema to evolve to, which is the table's own where nothing changes, and the changes. */
  record Plan(Schema schema, List<String> changes) {}

  /**
   * Plans it.
   *
   * @param wide the source's columns as a new table would have them
   * @param narrow the same with the narrowest types that hold the values
   */
  static Plan plan(Schema table, Schema wide, Schema narrow) {
    Evolution evolution = new Evolution();
    Types.StructType merged =
        evolution.struct(table.asStruct(), wide.asStruct(), narrow.asStruct(), "");
    if (evolution.changes.isEmpty()) {
      return new Plan(table, List.of());
    }
    return new Plan(numbered(merged), List.copyOf(evolution.changes));
  }

  /**
   * Numbers every field anew: what was merged carries ids of the table and of the source, which are
   * the same numbers. Evolving goes by name, so that the table keeps its own.
   */
  private static Schema numbered(Types.StructType merged) {
    FieldIds ids = new FieldIds();
    return new Schema(TypeUtil.assignFreshIds(merged, ids::next).asStructType().fields());
  }

  /** Returns the dotted names of a source's fields that a target lacks. */
  static List<String> missing(Types.StructType source, Types.StructType target, String path) {
    List<String> names = new ArrayList<>();
    for (Types.NestedField field : source.fields()) {
      Types.NestedField other = target.field(field.name());
      String name = path.isEmpty() ? field.name() : path + "." + field.name();
      if (other == null) {
        names.add(name);
      } else {
        names.addAll(missing(field.type(), other.type(), name));
      }
    }
    return names;
  }

  private static List<String> missing(Type source, Type target, String path) {
    if (source.isStructType() && target.isStructType()) {
      return missing(source.asStructType(), target.asStructType(), path);
    }
    if (source.isListType() && target.isListType()) {
      return missing(
          source.asListType().elementType(), target.asListType().elementType(), path + "[]");
    }
    if (source.isMapType() && target.isMapType()) {
      return missing(source.asMapType().valueType(), target.asMapType().valueType(), path + "[]");
    }
    return List.of();
  }

  private Types.StructType struct(
      Types.StructType table, Types.StructType wide, Types.StructType narrow, String path) {
    List<Types.NestedField> fields = new ArrayList<>();
    for (Types.NestedField field : table.fields()) {
      Types.NestedField source = wide.field(field.name());
      Types.NestedField least = narrow.field(field.name());
      String name = path.isEmpty() ? field.name() : path + "." + field.name();
      Type type =
          source == null || least == null
              ? field.type()
              : type(field.type(), source.type(), least.type(), name);
      fields.add(Types.NestedField.from(field).ofType(type).build());
    }
    for (Types.NestedField field : wide.fields()) {
      if (table.field(field.name()) == null) {
        String name = path.isEmpty() ? field.name() : path + "." + field.name();
        changes.add("added column '%s' %s".formatted(name, SchemaText.format(field.type())));
        fields.add(Types.NestedField.from(field).asOptional().build());
      }
    }
    return Types.StructType.of(fields);
  }

  private Type type(Type table, Type wide, Type narrow, String path) {
    if (table.isStructType() && wide.isStructType() && narrow.isStructType()) {
      return struct(table.asStructType(), wide.asStructType(), narrow.asStructType(), path);
    }
    if (table.isListType() && wide.isListType() && narrow.isListType()) {
      Type element =
          type(
              table.asListType().elementType(),
              wide.asListType().elementType(),
              narrow.asListType().elementType(),
              path + "[]");
      return table.asListType().isElementRequired()
          ? Types.ListType.ofRequired(table.asListType().elementId(), element)
          : Types.ListType.ofOptional(table.asListType().elementId(), element);
    }
    if (table.isMapType()) {
      return map(table.asMapType(), wide, narrow, path);
    }
    Type widened = Promotion.widened(table, narrow);
    if (!widened.equals(table)) {
      changes.add(
          "widened column '%s' from %s to %s"
              .formatted(path, SchemaText.format(table), SchemaText.format(widened)));
    }
    return widened;
  }

  /** A map's values may come from a map, or from an object, of which any member is a value. */
  private Type map(Types.MapType table, Type wide, Type narrow, String path) {
    Type value = table.valueType();
    if (wide.isMapType() && narrow.isMapType()) {
      value =
          type(value, wide.asMapType().valueType(), narrow.asMapType().valueType(), path + "[]");
    }
    if (wide.isStructType() && narrow.isStructType()) {
      for (Types.NestedField member : wide.asStructType().fields()) {
        Types.NestedField least = narrow.asStructType().field(member.name());
        Type leastType = least == null ? member.type() : least.type();
        value = type(value, member.type(), leastType, path + "[]");
      }
    }
    return table.isValueRequired()
        ? Types.MapType.ofRequired(table.keyId(), table.valueId(), table.keyType(), value)
        : Types.MapType.ofOptional(table.keyId(), table.valueId(), table.keyType(), value);
  }
}
