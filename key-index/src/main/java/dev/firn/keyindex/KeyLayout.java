package dev.firn.keyindex;

import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * The identifier fields of a table, and their leaves in order. Immutable.
 *
 * @param exact whether the hash of a key tells it from every other key
 */
record KeyLayout(Schema key, List<Leaf> leaves, boolean exact) {
  /**
   * A primitive field of the key.
   *
   * @param path its place in the schema, and within each struct
   * @param bits what it takes of a hash that is exact; 0 where it does not fit
   * @param bytes of a value; 0 for a bit, -1 where they vary
   */
  record Leaf(List<Integer> path, NestedField field, int bits, int bytes) {}

  /**
   * The layout for the table's current identifier fields.
   *
   * @throws FirnException INVALID where it has none
   */
  static KeyLayout of(Table table) {
    Schema schema = table.schema();
    if (schema.identifierFieldIds().isEmpty()) {
      throw FirnException.invalid(
          "Cannot find rows by key: the table has no identifier fields; set some with 'firn evolve' ["
              + table.name()
              + "]");
    }
    Schema key = TypeUtil.select(schema, schema.identifierFieldIds());
    List<Leaf> leaves = new ArrayList<>();
    collect(key.columns(), List.of(), leaves);
    boolean fixed = leaves.stream().allMatch(leaf -> leaf.bits() > 0);
    return new KeyLayout(
        key, leaves, fixed && leaves.stream().mapToInt(Leaf::bits).sum() <= Long.SIZE);
  }

  private static void collect(List<NestedField> fields, List<Integer> parent, List<Leaf> leaves) {
    for (int i = 0; i < fields.size(); i++) {
      List<Integer> path = new ArrayList<>(parent);
      path.add(i);
      NestedField field = fields.get(i);
      if (field.type().isStructType()) {
        collect(field.type().asStructType().fields(), path, leaves);
      } else {
        leaves.add(leaf(List.copyOf(path), field));
      }
    }
  }

  private static Leaf leaf(List<Integer> path, NestedField field) {
    Type type = field.type();
    return switch (type.typeId()) {
      case BOOLEAN -> new Leaf(path, field, 1, 0);
      case INTEGER, DATE -> new Leaf(path, field, Integer.SIZE, Integer.BYTES);
      case LONG, TIME, TIMESTAMP, TIMESTAMP_NANO -> new Leaf(path, field, Long.SIZE, Long.BYTES);
      case UUID, DECIMAL -> new Leaf(path, field, 0, 16);
      case FIXED -> new Leaf(path, field, 0, ((Types.FixedType) type).length());
      case STRING, BINARY -> new Leaf(path, field, 0, -1);
      default ->
          throw FirnException.invalid(
              "Cannot find rows by key: identifier field "
                  + field.name()
                  + " has type "
                  + type
                  + ", expected one whose values compare by their bytes");
    };
  }

  /** Says what hashes depend on: two layouts with equal texts hash keys alike. */
  String text() {
    return leaves.stream()
        .map(leaf -> leaf.field().fieldId() + ":" + leaf.field().type())
        .collect(Collectors.joining(","));
  }

  /** The ids of the leaves. */
  List<Integer> ids() {
    return leaves.stream().map(leaf -> leaf.field().fieldId()).toList();
  }

  /** Whether {@code other} hashes keys as this. */
  boolean same(@Nullable KeyLayout other) {
    return other != null && text().equals(other.text());
  }
}
