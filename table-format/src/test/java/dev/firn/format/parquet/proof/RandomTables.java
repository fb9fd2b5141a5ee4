package dev.firn.format.parquet.proof;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/**
 * Random tables of every type that Parquet holds (geometry and geography are left out: Iceberg
 * 1.11.0 writes neither to Parquet), nested up to four levels.
 */
final class RandomTables {
  /** What every reader and writer at hand has. */
  static final List<Type> COMMON =
      List.of(
          Types.BooleanType.get(),
          Types.IntegerType.get(),
          Types.LongType.get(),
          Types.FloatType.get(),
          Types.DoubleType.get(),
          Types.DecimalType.of(1, 0),
          Types.DecimalType.of(4, 1),
          Types.DecimalType.of(9, 2),
          Types.DecimalType.of(10, 3),
          Types.DecimalType.of(18, 0),
          Types.DecimalType.of(19, 4),
          Types.DecimalType.of(38, 10),
          Types.DecimalType.of(38, 38),
          Types.DateType.get(),
          Types.TimeType.get(),
          Types.TimestampType.withZone(),
          Types.TimestampType.withoutZone(),
          Types.TimestampNanoType.withoutZone(),
          Types.StringType.get(),
          Types.UUIDType.get(),
          Types.BinaryType.get());

  /** Every type. */
  static final List<Type> ALL = with(COMMON, icebergOnly());

  private static final int[] ROW_COUNTS = {1, 2, 7, 64, 100, 500, 1500, 4000};

  private final Random random;
  private final long seed;
  private final List<Type> primitives;
  private int lastId;

  RandomTables(long seed, List<Type> primitives) {
    this.seed = seed;
    this.random = new Random(seed);
    this.primitives = primitives;
  }

  private static List<Type> icebergOnly() {
    return List.of(
        Types.TimestampNanoType.withZone(),
        Types.FixedType.ofLength(1),
        Types.FixedType.ofLength(5),
        Types.FixedType.ofLength(40),
        Types.UnknownType.get(),
        Types.VariantType.get());
  }

  private static List<Type> with(List<Type> some, List<Type> others) {
    List<Type> all = new ArrayList<>(some);
    all.addAll(others);
    return List.copyOf(all);
  }

  /** A table of random columns. */
  GeneratedTable table() {
    return table(schema());
  }

  /** A table of random columns, of so many rows. */
  GeneratedTable table(int count) {
    return table(schema(), count);
  }

  /** One optional and one required column of each type: every kernel, without nesting. */
  GeneratedTable flatTable() {
    return table(flatSchema());
  }

  /** As {@link #flatTable()}, of so many rows. */
  GeneratedTable flatTable(int count) {
    return table(flatSchema(), count);
  }

  private Schema flatSchema() {
    lastId = 0;
    List<NestedField> columns = new ArrayList<>();
    for (Type type : primitives) {
      columns.add(optional(++lastId, "o" + lastId, type));
      if (type.typeId() != Type.TypeID.UNKNOWN) {
        columns.add(required(++lastId, "r" + lastId, type));
      }
    }
    return new Schema(columns);
  }

  private GeneratedTable table(Schema schema) {
    int count = ROW_COUNTS[random.nextInt(ROW_COUNTS.length)];
    int nested = (int) schema.columns().stream().filter(f -> f.type().isNestedType()).count();
    return table(schema, nested > 2 ? Math.min(count, 1000) : count);
  }

  /** Rows of a given schema. */
  GeneratedTable table(Schema schema, int count) {
    List<RandomValues> columns =
        schema.columns().stream().map(f -> RandomValues.of(f, random)).toList();
    List<Record> rows = new ArrayList<>();
    for (int row = 0; row < count; row++) {
      Record record = GenericRecord.create(schema);
      for (int column = 0; column < columns.size(); column++) {
        record.set(column, columns.get(column).next());
      }
      rows.add(record);
    }
    return new GeneratedTable(seed, schema, rows);
  }

  private Schema schema() {
    lastId = 0;
    List<NestedField> columns = new ArrayList<>();
    int count = 1 + random.nextInt(7);
    for (int i = 0; i < count; i++) {
      columns.add(field("c" + i, type(4)));
    }
    // A file needs a column, and unknown has none.
    columns.add(field("last", Types.LongType.get()));
    return new Schema(columns);
  }

  private NestedField field(String name, Type type) {
    boolean mayBeNull = type.typeId() == Type.TypeID.UNKNOWN || random.nextInt(3) > 0;
    return mayBeNull ? optional(++lastId, name, type) : required(++lastId, name, type);
  }

  private Type type(int depth) {
    return switch (depth == 0 ? 9 : random.nextInt(9)) {
      case 0 -> struct(depth);
      case 1 -> list(depth);
      case 2 -> map(depth);
      default -> primitives.get(random.nextInt(primitives.size()));
    };
  }

  /** A type that has a column in the file: unknown has none, and Iceberg writes no list of it. */
  private Type stored(int depth) {
    Type type = type(depth);
    return type.typeId() == Type.TypeID.UNKNOWN ? Types.IntegerType.get() : type;
  }

  private Type struct(int depth) {
    List<NestedField> fields = new ArrayList<>();
    fields.add(field("f", stored(depth - 1)));
    for (int i = random.nextInt(3); i > 0; i--) {
      fields.add(field("f" + i, type(depth - 1)));
    }
    return Types.StructType.of(fields);
  }

  private Type list(int depth) {
    Type element = stored(depth - 1);
    return random.nextInt(3) > 0
        ? Types.ListType.ofOptional(++lastId, element)
        : Types.ListType.ofRequired(++lastId, element);
  }

  private Type map(int depth) {
    Type key = key();
    Type value = stored(depth - 1);
    lastId += 2;
    return random.nextInt(3) > 0
        ? Types.MapType.ofOptional(lastId - 1, lastId, key, value)
        : Types.MapType.ofRequired(lastId - 1, lastId, key, value);
  }

  private Type key() {
    return switch (random.nextInt(5)) {
      case 0 -> Types.LongType.get();
      case 1 -> Types.DateType.get();
      case 2 ->
          Types.StructType.of(
              required(++lastId, "k", Types.IntegerType.get()),
              optional(++lastId, "l", Types.StringType.get()));
      default -> Types.StringType.get();
    };
  }
}
