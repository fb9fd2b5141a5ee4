package dev.firn.scan;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.types.Types.StructType;
import org.apache.iceberg.types.Types.TimestampNanoType;
import org.apache.iceberg.types.Types.TimestampType;
import org.apache.iceberg.util.ByteBuffers;
import org.apache.iceberg.util.DateTimeUtil;
import org.jspecify.annotations.Nullable;

/**
 * Copies rows in Iceberg's internal representation into records that share nothing with them, the
 * fields matched by id at every depth. Immutable.
 */
final class StructCopy {
  /** Copies a value that is not null. */
  private interface Copy {
    Object of(Object value);
  }

  private final StructType target;
  private final GenericRecord template;
  private final int[] positions;
  private final Copy[] copies;

  private StructCopy(StructType source, StructType target) {
    List<NestedField> fields = target.fields();
    this.target = target;
    this.template = GenericRecord.create(target);
    this.positions = new int[fields.size()];
    this.copies = new Copy[fields.size()];
    for (int i = 0; i < positions.length; i++) {
      NestedField present = source.field(fields.get(i).fieldId());
      positions[i] = source.fields().indexOf(present);
      copies[i] = copy(present.type(), fields.get(i).type());
    }
  }

  /** Every field of {@code target} must be in {@code source}. */
  static StructCopy of(StructType source, StructType target) {
    return new StructCopy(source, target);
  }

  StructType target() {
    return target;
  }

  Record copy(StructLike row) {
    GenericRecord copy = template.copy();
    for (int i = 0; i < positions.length; i++) {
      copy.set(i, orNull(copies[i], row.get(positions[i], Object.class)));
    }
    return copy;
  }

  private static @Nullable Object orNull(Copy copy, @Nullable Object value) {
    return value == null ? null : copy.of(value);
  }

  private static Copy copy(Type source, Type target) {
    return switch (target.typeId()) {
      case STRUCT -> {
        StructCopy nested = of(source.asStructType(), target.asStructType());
        yield value -> nested.copy((StructLike) value);
      }
      case LIST -> {
        Copy element = copy(source.asListType().elementType(), target.asListType().elementType());
        yield value -> list((Collection<?>) value, element);
      }
      case MAP -> {
        Copy key = copy(source.asMapType().keyType(), target.asMapType().keyType());
        Copy of = copy(source.asMapType().valueType(), target.asMapType().valueType());
        yield value -> map((Map<?, ?>) value, key, of);
      }
      default -> primitive(target);
    };
  }

  private static List<@Nullable Object> list(Collection<?> values, Copy element) {
    List<@Nullable Object> copy = new ArrayList<>(values.size());
    values.forEach(value -> copy.add(orNull(element, value)));
    return copy;
  }

  private static Map<Object, @Nullable Object> map(Map<?, ?> entries, Copy key, Copy value) {
    Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
    entries.forEach((k, v) -> copy.put(key.of(k), orNull(value, v)));
    return copy;
  }

  /**
   * Numbers keep the type of the time they were written at, which may be narrower. Times may be
   * those of records already.
   */
  private static Copy primitive(Type type) {
    return switch (type.typeId()) {
      case INTEGER -> value -> ((Number) value).intValue();
      case LONG -> value -> ((Number) value).longValue();
      case FLOAT -> value -> ((Number) value).floatValue();
      case DOUBLE -> value -> ((Number) value).doubleValue();
      case DATE -> value -> value instanceof Integer i ? DateTimeUtil.dateFromDays(i) : value;
      case TIME -> value -> value instanceof Long l ? DateTimeUtil.timeFromMicros(l) : value;
      case TIMESTAMP ->
          time(
              ((TimestampType) type).shouldAdjustToUTC()
                  ? DateTimeUtil::timestamptzFromMicros
                  : DateTimeUtil::timestampFromMicros);
      case TIMESTAMP_NANO ->
          time(
              ((TimestampNanoType) type).shouldAdjustToUTC()
                  ? DateTimeUtil::timestamptzFromNanos
                  : DateTimeUtil::timestampFromNanos);
      case STRING -> Object::toString;
      case FIXED -> StructCopy::bytes;
      case BINARY -> value -> ByteBuffer.wrap(bytes(value));
      default -> value -> value; // immutable
    };
  }

  private static Copy time(LongFunction<Object> sinceEpoch) {
    return value -> value instanceof Long l ? sinceEpoch.apply(l) : value;
  }

  private static byte[] bytes(Object value) {
    return value instanceof byte[] array
        ? array.clone()
        : ByteBuffers.toByteArray(((ByteBuffer) value).duplicate()).clone();
  }
}
