package dev.firn.scan.plan;

import dev.firn.scan.plan.PartitionStage.Physical;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.UUIDUtil;
import org.jspecify.annotations.Nullable;

/** The distinct partition tuples of a chunk, in columns, and which of them each row has. */
final class Tuples {
  /** The values of one field by tuple; both are null where no tuple has one. */
  record Field(
      int id, Physical physical, @Nullable LongColumn numbers, @Nullable BytesColumn bytes) {
    /** The value of a tuple as Iceberg represents it. */
    @Nullable Object value(int code, Type type) {
      return Tuples.value(this, code, type);
    }

    long weight() {
      return 40 + (numbers == null ? 0 : numbers.weight()) + (bytes == null ? 0 : bytes.weight());
    }
  }

  private final LongColumn codes;
  private final int size;
  private final List<Field> fields;

  private Tuples(LongColumn codes, int size, List<Field> fields) {
    this.codes = codes;
    this.size = size;
    this.fields = fields;
  }

  static Tuples of(List<PartitionStage> stages, byte[] buffer, int rows) {
    long[] codes = new long[rows];
    int[] table = new int[Integer.highestOneBit(Math.max(2, rows)) * 4];
    int[] firsts = new int[rows];
    int distinct = 0;
    for (int row = 0; row < rows; row++) {
      int at = hash(stages, buffer, row) & (table.length - 1);
      while (table[at] != 0 && !same(stages, buffer, firsts[table[at] - 1], row)) {
        at = (at + 1) & (table.length - 1);
      }
      if (table[at] == 0) {
        firsts[distinct++] = row;
        table[at] = distinct;
      }
      codes[row] = table[at] - 1L;
    }
    List<Field> fields = new ArrayList<>();
    for (PartitionStage stage : stages) {
      LongStage values = new LongStage();
      for (int i = 0; i < distinct; i++) {
        if (stage.values().has(firsts[i])) {
          values.put(i, stage.values().get(firsts[i]));
        }
      }
      boolean numbers = stage.physical().isNumber();
      fields.add(
          new Field(
              stage.fieldId(),
              stage.physical(),
              numbers ? values.column(distinct) : null,
              numbers ? null : BytesColumn.of(values, buffer, distinct)));
    }
    return new Tuples(LongColumn.of(codes, null, rows), distinct, List.copyOf(fields));
  }

  private static int hash(List<PartitionStage> stages, byte[] buffer, int row) {
    int hash = 1;
    for (PartitionStage stage : stages) {
      hash *= 31;
      if (stage.values().has(row)) {
        long value = stage.values().get(row);
        hash +=
            stage.physical().isNumber()
                ? Long.hashCode(value * 0x9E3779B97F4A7C15L)
                : DictionaryBytes.hash(buffer, value);
      }
    }
    return hash ^ (hash >>> 16);
  }

  private static boolean same(List<PartitionStage> stages, byte[] buffer, int left, int right) {
    for (PartitionStage stage : stages) {
      boolean has = stage.values().has(left);
      if (has != stage.values().has(right)) {
        return false;
      }
      if (has && !same(stage, buffer, stage.values().get(left), stage.values().get(right))) {
        return false;
      }
    }
    return true;
  }

  private static boolean same(PartitionStage stage, byte[] buffer, long left, long right) {
    if (stage.physical().isNumber()) {
      return left == right;
    }
    int from = BytesColumn.offset(left);
    int other = BytesColumn.offset(right);
    return Arrays.equals(
        buffer,
        from,
        from + BytesColumn.length(left),
        buffer,
        other,
        other + BytesColumn.length(right));
  }

  /** How many distinct tuples there are. */
  int size() {
    return size;
  }

  /** Which tuple a row has. */
  int code(int row) {
    return codes.getInt(row);
  }

  /** Clears the rows whose tuple is not among {@code matching}. */
  void retain(long[] rows, long[] matching, int count) {
    for (int row = 0; row < count; row++) {
      if (!Bits.get(matching, codes.getInt(row))) {
        Bits.clear(rows, row);
      }
    }
  }

  /** The values of a tuple, in the fields and types of {@code type}, as Iceberg represents them. */
  @Nullable Object[] values(int code, Types.StructType type) {
    @Nullable Object[] values = new Object[type.fields().size()];
    for (int i = 0; i < values.length; i++) {
      Types.NestedField target = type.fields().get(i);
      Field field = field(target);
      values[i] = field == null ? null : value(field, code, target.type());
    }
    return values;
  }

  /** The values of a field of a partition's type; null where all tuples have null. */
  @Nullable Field field(Types.NestedField target) {
    for (Field field : fields) {
      // The type of a partition is unknown where its source was dropped.
      if (field.id() == target.fieldId() && target.type().typeId() != Type.TypeID.UNKNOWN) {
        return field;
      }
    }
    return null;
  }

  private static @Nullable Object value(Field field, int code, Type type) {
    LongColumn numbers = field.numbers();
    if (numbers != null) {
      return numbers.isNull(code) ? null : number(field.physical(), numbers.get(code), type);
    }
    BytesColumn bytes = field.bytes();
    return bytes == null || bytes.isNull(code) ? null : bytes(bytes.get(code), type);
  }

  private static Object number(Physical physical, long value, Type type) {
    return switch (type.typeId()) {
      case BOOLEAN -> value != 0;
      case INTEGER, DATE -> (int) value;
      case FLOAT -> Float.intBitsToFloat((int) value);
      case DOUBLE ->
          physical == Physical.FLOAT
              ? (double) Float.intBitsToFloat((int) value)
              : Double.longBitsToDouble(value);
      default -> value;
    };
  }

  private static Object bytes(byte[] value, Type type) {
    return switch (type.typeId()) {
      case STRING -> new String(value, StandardCharsets.UTF_8);
      case UUID -> UUIDUtil.convert(value);
      case DECIMAL -> new BigDecimal(new BigInteger(value), ((Types.DecimalType) type).scale());
      default -> ByteBuffer.wrap(value);
    };
  }

  /**
   * Checks that values as stored can be represented in {@code type}.
   *
   * @throws DamagedManifestException where they cannot
   */
  void check(Types.StructType type) {
    for (Types.NestedField target : type.fields()) {
      for (Field field : fields) {
        if (field.id() == target.fieldId() && !fits(field, target.type().typeId())) {
          throw new DamagedManifestException(
              "partition field "
                  + target.name()
                  + " is stored as "
                  + field.physical()
                  + ", expected "
                  + target.type());
        }
      }
    }
  }

  private static boolean fits(Field field, Type.TypeID type) {
    boolean empty = field.numbers() == null && field.bytes() == null;
    if (empty || type == Type.TypeID.UNKNOWN) {
      return true;
    }
    return switch (field.physical()) {
      case BOOLEAN -> type == Type.TypeID.BOOLEAN;
      case INT ->
          type == Type.TypeID.INTEGER || type == Type.TypeID.DATE || type == Type.TypeID.LONG;
      case LONG ->
          switch (type) {
            case LONG, TIME, TIMESTAMP, TIMESTAMP_NANO -> true;
            default -> false;
          };
      case FLOAT -> type == Type.TypeID.FLOAT || type == Type.TypeID.DOUBLE;
      case DOUBLE -> type == Type.TypeID.DOUBLE;
      case BYTES ->
          switch (type) {
            case STRING, UUID, DECIMAL, BINARY, FIXED -> true;
            default -> false;
          };
    };
  }

  long weight() {
    return 56 + codes.weight() + fields.stream().mapToLong(Field::weight).sum();
  }
}
