package dev.firn.format.parquet.proof;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/**
 * A later schema of a table, and its older rows in it: columns and fields dropped, reordered,
 * renamed, widened, made optional, and added with and without an initial default.
 */
final class RandomEvolution {
  private final Random random;
  private final Schema evolved;
  private int lastId;

  RandomEvolution(Schema schema, Random random) {
    this.random = random;
    this.lastId = schema.highestFieldId();
    this.evolved = new Schema(fields(schema.columns()));
  }

  Schema schema() {
    return evolved;
  }

  /** The row as a reader of the later schema sees it. */
  Record apply(Record row) {
    return (Record) value(evolved.asStruct(), row);
  }

  private List<NestedField> fields(List<NestedField> old) {
    List<NestedField> kept = new ArrayList<>();
    for (NestedField field : old) {
      if (random.nextInt(4) > 0) {
        kept.add(field(field));
      }
    }
    if (kept.isEmpty() || random.nextInt(3) == 0) {
      kept.add(added());
    }
    if (random.nextBoolean()) {
      Collections.shuffle(kept, random);
    }
    return kept;
  }

  private NestedField field(NestedField old) {
    NestedField.Builder field = NestedField.from(old).ofType(type(old.type()));
    if (random.nextInt(3) == 0) {
      field = field.withName(old.name() + "_renamed");
    }
    if (random.nextInt(3) == 0) {
      field = field.asOptional();
    }
    return field.build();
  }

  private NestedField added() {
    int id = ++lastId;
    NestedField.Builder field = NestedField.optional("added" + id).withId(id);
    return switch (random.nextInt(5)) {
      case 0 -> field.ofType(Types.StringType.get()).build();
      case 1 ->
          field.ofType(Types.StringType.get()).withInitialDefault(Literal.of("dflt-ü")).build();
      case 2 -> field.ofType(Types.IntegerType.get()).withInitialDefault(Literal.of(-42)).build();
      case 3 ->
          field
              .ofType(Types.DecimalType.of(20, 2))
              .withInitialDefault(Literal.of(new BigDecimal("123456789012345678.25")))
              .build();
      default -> field.ofType(Types.ListType.ofOptional(++lastId, Types.LongType.get())).build();
    };
  }

  private Type type(Type old) {
    return switch (old.typeId()) {
      case STRUCT -> Types.StructType.of(fields(old.asStructType().fields()));
      case LIST -> {
        Types.ListType list = old.asListType();
        Type element = type(list.elementType());
        yield list.isElementOptional() || random.nextInt(3) == 0
            ? Types.ListType.ofOptional(list.elementId(), element)
            : Types.ListType.ofRequired(list.elementId(), element);
      }
      case MAP -> {
        Types.MapType map = old.asMapType();
        Type value = type(map.valueType());
        yield map.isValueOptional()
            ? Types.MapType.ofOptional(map.keyId(), map.valueId(), map.keyType(), value)
            : Types.MapType.ofRequired(map.keyId(), map.valueId(), map.keyType(), value);
      }
      default -> random.nextBoolean() ? old : widened(old);
    };
  }

  private static Type widened(Type old) {
    return switch (old.typeId()) {
      case INTEGER -> Types.LongType.get();
      case FLOAT -> Types.DoubleType.get();
      case DATE -> Types.TimestampType.withoutZone();
      case DECIMAL -> {
        Types.DecimalType decimal = (Types.DecimalType) old;
        yield Types.DecimalType.of(Math.min(38, decimal.precision() + 9), decimal.scale());
      }
      default -> old;
    };
  }

  private static Object value(Type type, Object old) {
    if (old == null) {
      return null;
    }
    return switch (type.typeId()) {
      case STRUCT -> struct(type.asStructType(), (Record) old);
      case LIST -> {
        List<Object> list = new ArrayList<>();
        ((List<?>) old).forEach(v -> list.add(value(type.asListType().elementType(), v)));
        yield list;
      }
      case MAP -> {
        Map<Object, Object> map = new LinkedHashMap<>();
        ((Map<?, ?>) old).forEach((k, v) -> map.put(k, value(type.asMapType().valueType(), v)));
        yield map;
      }
      case LONG -> ((Number) old).longValue();
      case DOUBLE -> ((Number) old).doubleValue();
      case TIMESTAMP -> old instanceof java.time.LocalDate date ? date.atStartOfDay() : old;
      default -> old;
    };
  }

  private static Record struct(Types.StructType type, Record old) {
    Record row = GenericRecord.create(type);
    for (int i = 0; i < type.fields().size(); i++) {
      NestedField field = type.fields().get(i);
      NestedField before = old.struct().field(field.fieldId());
      if (before == null) {
        row.set(i, field.initialDefault());
      } else {
        row.set(i, value(field.type(), old.getField(before.name())));
      }
    }
    return row;
  }
}
