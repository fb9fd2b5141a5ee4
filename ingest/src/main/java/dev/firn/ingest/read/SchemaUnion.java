package dev.firn.ingest.read;

import dev.firn.error.FirnException;
import dev.firn.ingest.value.FieldIds;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * Schemas of several files as one: columns by name in the order of their first appearance, all
 * optional, ids from 1 up. Types may differ only where Iceberg promotes one to the other.
 * Stateless.
 */
final class SchemaUnion {
  private SchemaUnion() {}

  /** Returns the union of structs; the keys name where each comes from, for messages. */
  static Schema of(Map<String, Types.StructType> structs) {
    Types.StructType all = Types.StructType.of();
    String seen = "";
    for (Map.Entry<String, Types.StructType> entry : structs.entrySet()) {
      String both = "%s and %s".formatted(seen, entry.getKey());
      all = seen.isEmpty() ? entry.getValue() : union(all, entry.getValue(), "", both);
      seen = seen.isEmpty() ? entry.getKey() : seen + ", " + entry.getKey();
    }
    return new Schema(fresh(all, new FieldIds()).asStructType().fields());
  }

  private static Types.StructType union(
      Types.StructType left, Types.StructType right, String path, String where) {
    Map<String, Types.NestedField> fields = new LinkedHashMap<>();
    left.fields().forEach(field -> fields.put(field.name(), field));
    for (Types.NestedField field : right.fields()) {
      Types.NestedField other = fields.get(field.name());
      String name = path.isEmpty() ? field.name() : path + "." + field.name();
      Type type = other == null ? field.type() : union(other.type(), field.type(), name, where);
      fields.put(field.name(), Types.NestedField.optional(1, field.name(), type, field.doc()));
    }
    // Ids are assigned at the end; until then each field only needs one of its own.
    FieldIds ids = new FieldIds();
    List<Types.NestedField> numbered = new ArrayList<>();
    fields.forEach(
        (name, f) -> numbered.add(Types.NestedField.optional(ids.next(), name, f.type(), f.doc())));
    return Types.StructType.of(numbered);
  }

  private static Type union(Type left, Type right, String path, String where) {
    if (left.isStructType() && right.isStructType()) {
      return union(left.asStructType(), right.asStructType(), path, where);
    }
    if (left.isListType() && right.isListType()) {
      Type element =
          union(
              left.asListType().elementType(),
              right.asListType().elementType(),
              path + "[]",
              where);
      return Types.ListType.ofOptional(1, element);
    }
    if (left.isMapType() && right.isMapType()) {
      Type key = union(left.asMapType().keyType(), right.asMapType().keyType(), path, where);
      Type value =
          union(left.asMapType().valueType(), right.asMapType().valueType(), path + "[]", where);
      return Types.MapType.ofOptional(1, 2, key, value);
    }
    Type wider = left.equals(right) ? left : wider(left, right);
    if (wider == null) {
      throw FirnException.invalid(
          "Cannot load these files as one table: column '%s' is %s and %s in %s; give it one type with --schema, or load them apart"
              .formatted(path, left, right, where));
    }
    return wider;
  }

  /** Returns the type that holds both, or null. */
  static @Nullable Type wider(Type left, Type right) {
    if (promotes(left, right)) {
      return right;
    }
    if (promotes(right, left)) {
      return left;
    }
    if (left instanceof Types.DecimalType a && right instanceof Types.DecimalType b) {
      int scale = Math.max(a.scale(), b.scale());
      int whole = Math.max(a.precision() - a.scale(), b.precision() - b.scale());
      return whole + scale <= 38 ? Types.DecimalType.of(whole + scale, scale) : null;
    }
    return null;
  }

  /** Returns whether Iceberg lets a column of one type become the other. */
  static boolean promotes(Type from, Type to) {
    return switch (from.typeId()) {
      case INTEGER -> to.typeId() == Type.TypeID.LONG;
      case FLOAT -> to.typeId() == Type.TypeID.DOUBLE;
      case DECIMAL ->
          to instanceof Types.DecimalType b
              && from instanceof Types.DecimalType a
              && a.scale() == b.scale()
              && a.precision() <= b.precision();
      default -> false;
    };
  }

  /** Returns the type with new ids, everything optional that may be, timestamps in microseconds. */
  private static Type fresh(Type type, FieldIds ids) {
    if (type.isStructType()) {
      List<Types.NestedField> fields = new ArrayList<>();
      for (Types.NestedField field : type.asStructType().fields()) {
        int id = ids.next();
        fields.add(
            Types.NestedField.optional(id, field.name(), fresh(field.type(), ids), field.doc()));
      }
      return Types.StructType.of(fields);
    }
    if (type.isListType()) {
      int id = ids.next();
      return Types.ListType.ofOptional(id, fresh(type.asListType().elementType(), ids));
    }
    if (type.isMapType()) {
      int key = ids.next();
      int value = ids.next();
      return Types.MapType.ofOptional(
          key,
          value,
          fresh(type.asMapType().keyType(), ids),
          fresh(type.asMapType().valueType(), ids));
    }
    if (type instanceof Types.TimestampNanoType nanos) {
      // Tables of format version 2 have none; a value finer than a microsecond is refused later.
      return nanos.shouldAdjustToUTC()
          ? Types.TimestampType.withZone()
          : Types.TimestampType.withoutZone();
    }
    return type;
  }
}
