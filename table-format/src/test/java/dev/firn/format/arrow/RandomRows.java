package dev.firn.format.arrow;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.DateTimeUtil;
import org.apache.iceberg.variants.ShreddedObject;
import org.apache.iceberg.variants.Variant;
import org.apache.iceberg.variants.VariantMetadata;
import org.apache.iceberg.variants.Variants;

/** Random schemas of every type nested to any depth, and rows of them with awkward values. */
public final class RandomRows {
  private static final List<Type> PRIMITIVES =
      List.of(
          Types.BooleanType.get(),
          Types.IntegerType.get(),
          Types.LongType.get(),
          Types.FloatType.get(),
          Types.DoubleType.get(),
          Types.DecimalType.of(9, 2),
          Types.DecimalType.of(18, 0),
          Types.DecimalType.of(38, 10),
          Types.DateType.get(),
          Types.TimeType.get(),
          Types.TimestampType.withZone(),
          Types.TimestampType.withoutZone(),
          Types.TimestampNanoType.withZone(),
          Types.TimestampNanoType.withoutZone(),
          Types.StringType.get(),
          Types.UUIDType.get(),
          Types.FixedType.ofLength(5),
          Types.BinaryType.get(),
          Types.UnknownType.get(),
          Types.VariantType.get());

  private final Random random;
  private int lastId;

  public RandomRows(Random random) {
    this.random = random;
  }

  public Schema schema() {
    lastId = 0;
    List<NestedField> columns = new ArrayList<>();
    int count = 1 + random.nextInt(8);
    for (int i = 0; i < count; i++) {
      columns.add(field("c" + i, type(3)));
    }
    return new Schema(columns);
  }

  /** One column of each primitive type, optional. */
  public Schema flatSchema() {
    lastId = 0;
    List<NestedField> columns = new ArrayList<>();
    for (int i = 0; i < PRIMITIVES.size(); i++) {
      columns.add(optional(++lastId, "c" + i, PRIMITIVES.get(i)));
    }
    return new Schema(columns);
  }

  private NestedField field(String name, Type type) {
    int id = ++lastId;
    boolean optional = type.typeId() == Type.TypeID.UNKNOWN || random.nextBoolean();
    return optional ? optional(id, name, type) : required(id, name, type);
  }

  private Type type(int depth) {
    int kind = depth == 0 ? 9 : random.nextInt(10);
    switch (kind) {
      case 0 -> {
        List<NestedField> fields = new ArrayList<>();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
          fields.add(field("f" + i, type(depth - 1)));
        }
        return Types.StructType.of(fields);
      }
      case 1 -> {
        Type element = type(depth - 1);
        return random.nextBoolean() || element.typeId() == Type.TypeID.UNKNOWN
            ? Types.ListType.ofOptional(++lastId, element)
            : Types.ListType.ofRequired(++lastId, element);
      }
      case 2 -> {
        Type value = type(depth - 1);
        Type key = random.nextBoolean() ? Types.StringType.get() : Types.LongType.get();
        lastId += 2;
        return random.nextBoolean() || value.typeId() == Type.TypeID.UNKNOWN
            ? Types.MapType.ofOptional(lastId - 1, lastId, key, value)
            : Types.MapType.ofRequired(lastId - 1, lastId, key, value);
      }
      default -> {
        return PRIMITIVES.get(random.nextInt(PRIMITIVES.size()));
      }
    }
  }

  public List<Record> rows(Schema schema, int count) {
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(struct(schema.asStruct()));
    }
    return rows;
  }

  private Record struct(Types.StructType struct) {
    Record row = GenericRecord.create(struct);
    for (int i = 0; i < struct.fields().size(); i++) {
      NestedField field = struct.fields().get(i);
      boolean none = field.isOptional() && random.nextInt(4) == 0;
      row.set(i, none ? null : value(field.type()));
    }
    return row;
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  public Object value(Type type) {
    boolean extreme = random.nextInt(5) == 0;
    return switch (type.typeId()) {
      case BOOLEAN -> random.nextBoolean();
      case INTEGER ->
          extreme ? one(List.of(Integer.MIN_VALUE, Integer.MAX_VALUE, 0)) : random.nextInt();
      case LONG -> extreme ? one(List.of(Long.MIN_VALUE, Long.MAX_VALUE, 0L)) : random.nextLong();
      case FLOAT ->
          extreme
              ? one(List.of(Float.NaN, -0.0f, Float.NEGATIVE_INFINITY, Float.MIN_VALUE))
              : (Object) random.nextFloat();
      case DOUBLE ->
          extreme
              ? one(List.of(Double.NaN, -0.0, Double.POSITIVE_INFINITY, Double.MIN_VALUE))
              : (Object) random.nextDouble();
      case DECIMAL -> decimal((Types.DecimalType) type, extreme);
      case DATE -> LocalDate.ofEpochDay(extreme ? -719_162 : random.nextInt(40_000) - 10_000);
      case TIME ->
          extreme
              ? LocalTime.of(23, 59, 59, 999_999_000)
              : LocalTime.ofNanoOfDay(random.nextInt(86_400) * 1_000_000_000L + 1000);
      case TIMESTAMP -> {
        long micros = extreme ? -1 : random.nextInt() * 1_000_003L;
        yield ((Types.TimestampType) type).shouldAdjustToUTC()
            ? DateTimeUtil.timestamptzFromMicros(micros)
            : DateTimeUtil.timestampFromMicros(micros);
      }
      case TIMESTAMP_NANO -> {
        long nanos = extreme ? -1 : random.nextInt() * 1_000_000_007L;
        yield ((Types.TimestampNanoType) type).shouldAdjustToUTC()
            ? DateTimeUtil.timestamptzFromNanos(nanos)
            : DateTimeUtil.timestampFromNanos(nanos);
      }
      case STRING -> extreme ? one(List.of("", "ü€𝄞", "\u0000", " ")) : "s" + random.nextInt(1000);
      case UUID -> new UUID(random.nextLong(), random.nextLong());
      case FIXED -> bytes(((Types.FixedType) type).length());
      case BINARY -> ByteBuffer.wrap(bytes(extreme ? 0 : random.nextInt(20)));
      case VARIANT -> variant();
      case STRUCT -> struct(type.asStructType());
      case LIST -> list(type.asListType());
      case MAP -> map(type.asMapType());
      default -> null;
    };
  }

  private BigDecimal decimal(Types.DecimalType type, boolean extreme) {
    BigInteger most = BigInteger.TEN.pow(type.precision()).subtract(BigInteger.ONE);
    BigInteger unscaled = extreme ? most.negate() : new BigInteger(most.bitLength() - 1, random);
    return new BigDecimal(unscaled, type.scale());
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private Variant variant() {
    VariantMetadata metadata = Variants.metadata("a", "b");
    ShreddedObject object = Variants.object(metadata);
    object.put("a", Variants.of(random.nextInt()));
    object.put("b", Variants.of("ü" + random.nextInt(10)));
    return Variant.of(metadata, random.nextBoolean() ? object : Variants.of(random.nextLong()));
  }

  private List<Object> list(Types.ListType type) {
    List<Object> list = new ArrayList<>();
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      boolean none = type.isElementOptional() && random.nextInt(4) == 0;
      list.add(none ? null : value(type.elementType()));
    }
    return list;
  }

  private Map<Object, Object> map(Types.MapType type) {
    Map<Object, Object> map = new LinkedHashMap<>();
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      boolean none = type.isValueOptional() && random.nextInt(4) == 0;
      map.put(value(type.keyType()), none ? null : value(type.valueType()));
    }
    return map;
  }
}
