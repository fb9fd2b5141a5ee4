package dev.firn.format.parquet.proof;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.iceberg.Accessor;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/** Random filters over a table's columns, and fields of structs, with literals out of its rows. */
final class RandomFilter {
  private final Random random;
  private final Schema schema;
  private final List<Record> rows;
  private final List<NestedField> fields = new ArrayList<>();

  RandomFilter(GeneratedTable table, Random random) {
    this.random = random;
    this.schema = table.schema();
    this.rows = table.rows();
    TypeUtil.indexById(schema.asStruct()).values().stream()
        .filter(f -> f.type().isPrimitiveType() && f.type().typeId() != Type.TypeID.UNKNOWN)
        .filter(f -> schema.accessorForField(f.fieldId()) != null)
        .forEach(fields::add);
  }

  Expression next() {
    return next(2);
  }

  private Expression next(int depth) {
    if (fields.isEmpty()) {
      return Expressions.alwaysTrue();
    }
    return switch (depth == 0 ? 4 : random.nextInt(6)) {
      case 0 -> Expressions.and(next(depth - 1), next(depth - 1));
      case 1 -> Expressions.or(next(depth - 1), next(depth - 1));
      case 2 -> Expressions.not(next(depth - 1));
      default -> predicate(fields.get(random.nextInt(fields.size())));
    };
  }

  private Expression predicate(NestedField field) {
    String name = schema.findColumnName(field.fieldId());
    boolean floating =
        field.type().typeId() == Type.TypeID.FLOAT || field.type().typeId() == Type.TypeID.DOUBLE;
    if (floating && random.nextInt(4) == 0) {
      return random.nextBoolean() ? Expressions.isNaN(name) : Expressions.notNaN(name);
    }
    if (field.type().typeId() == Type.TypeID.STRING && random.nextInt(3) == 0) {
      String start = prefix(literal(field));
      return random.nextBoolean()
          ? Expressions.startsWith(name, start)
          : Expressions.notStartsWith(name, start);
    }
    return switch (random.nextInt(10)) {
      case 0 -> Expressions.isNull(name);
      case 1 -> Expressions.notNull(name);
      case 2 -> Expressions.in(name, literals(field));
      case 3 -> Expressions.notIn(name, literals(field));
      case 4 -> Expressions.lessThan(name, literal(field));
      case 5 -> Expressions.lessThanOrEqual(name, literal(field));
      case 6 -> Expressions.greaterThan(name, literal(field));
      case 7 -> Expressions.greaterThanOrEqual(name, literal(field));
      case 8 -> Expressions.notEqual(name, literal(field));
      default -> Expressions.equal(name, literal(field));
    };
  }

  private static String prefix(Object text) {
    String whole = text.toString();
    int length = Math.min(whole.length(), 9);
    // Never between the halves of a surrogate pair: that is no text.
    boolean split = length > 0 && Character.isHighSurrogate(whole.charAt(length - 1));
    return whole.substring(0, split ? length - 1 : length);
  }

  private Object[] literals(NestedField field) {
    Object[] literals = new Object[1 + random.nextInt(4)];
    for (int i = 0; i < literals.length; i++) {
      literals[i] = literal(field);
    }
    return literals;
  }

  /** A value of some row, in the internal representation; of a column without one, any value. */
  private Object literal(NestedField field) {
    Accessor<StructLike> accessor = schema.accessorForField(field.fieldId());
    InternalRecordWrapper wrapper = new InternalRecordWrapper(schema.asStruct());
    for (int attempt = 0; attempt < 5 && !rows.isEmpty(); attempt++) {
      Object value = accessor.get(wrapper.wrap(rows.get(random.nextInt(rows.size()))));
      if (usable(value)) {
        return literal(field.type(), value);
      }
    }
    return literal(field.type(), any(field.type()));
  }

  /** Iceberg takes a bare number for microseconds. */
  private static Object literal(Type type, Object value) {
    return type.typeId() == Type.TypeID.TIMESTAMP_NANO ? Expressions.nanos((Long) value) : value;
  }

  /** NaN is no literal of Iceberg's. */
  private static boolean usable(Object value) {
    return value != null && !value.equals(Float.NaN) && !value.equals(Double.NaN);
  }

  private Object any(Type type) {
    RandomLeaf leaf = new RandomLeaf(type, random);
    Types.NestedField column = NestedField.optional(1, "c", type);
    InternalRecordWrapper wrapper = new InternalRecordWrapper(Types.StructType.of(List.of(column)));
    while (true) {
      Record record = GenericRecord.create(new Schema(column));
      record.set(0, leaf.any());
      Object value = wrapper.wrap(record).get(0, Object.class);
      if (usable(value)) {
        return value;
      }
    }
  }
}
