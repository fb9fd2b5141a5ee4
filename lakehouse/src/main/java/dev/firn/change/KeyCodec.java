package dev.firn.change;

import dev.firn.error.FirnException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.types.Types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The key of a row as bytes: two keys have the same bytes exactly where Iceberg's comparators say
 * that each value is equal. So every NaN is one value, and -0.0 is another than 0.0. Confined to
 * one thread; holds one key at a time.
 */
final class KeyCodec {
  private final StructType key;
  private final GenericRecord row;
  private final InternalRecordWrapper internal;
  private ByteBuffer bytes = ByteBuffer.allocate(64);

  /** Refuses columns that have parts. */
  KeyCodec(String table, List<NestedField> columns) {
    for (NestedField column : columns) {
      if (!column.type().isPrimitiveType() || column.type().typeId() == Type.TypeID.UNKNOWN) {
        throw FirnException.invalid(
            "Cannot merge into %s: bad key column %s, expected a column of numbers, text, dates, times, truth or bytes, got %s"
                .formatted(table, column.name(), column.type()));
      }
    }
    this.key = StructType.of(columns);
    this.row = GenericRecord.create(key);
    this.internal = new InternalRecordWrapper(key).wrap(row);
  }

  /**
   * Takes the key of a row, whose columns are at {@code positions}; false where a part is null, and
   * then it equals no other.
   */
  boolean take(Record of, int[] positions) {
    for (int i = 0; i < positions.length; i++) {
      Object value = of.get(positions[i]);
      if (value == null) {
        return false;
      }
      row.set(i, value);
    }
    bytes.clear();
    for (int i = 0; i < positions.length; i++) {
      put(value(i));
    }
    return true;
  }

  /** A part of the key in Iceberg's internal representation. */
  Object value(int i) {
    return internal.get(i, Object.class);
  }

  private void put(Object value) {
    if (value instanceof Integer number) {
      room(4).putInt(number);
    } else if (value instanceof Long number) {
      room(8).putLong(number);
    } else if (value instanceof Float number) {
      room(4).putInt(Float.floatToIntBits(number));
    } else if (value instanceof Double number) {
      room(8).putLong(Double.doubleToLongBits(number));
    } else if (value instanceof Boolean truth) {
      room(1).put((byte) (truth ? 1 : 0));
    } else if (value instanceof UUID id) {
      room(16).putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    } else if (value instanceof BigDecimal number) {
      put(number.unscaledValue().toByteArray());
    } else if (value instanceof ByteBuffer raw) {
      byte[] copy = new byte[raw.remaining()];
      raw.duplicate().get(copy);
      put(copy);
    } else {
      put(value.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  private void put(byte[] value) {
    room(4 + value.length).putInt(value.length).put(value);
  }

  private ByteBuffer room(int more) {
    if (bytes.remaining() < more) {
      int size = Math.max(bytes.position() + more, 2 * bytes.capacity());
      bytes = ByteBuffer.wrap(Arrays.copyOf(bytes.array(), size)).position(bytes.position());
    }
    return bytes;
  }

  int length() {
    return bytes.position();
  }

  byte[] array() {
    return bytes.array();
  }

  /** Whether the key's bytes are these. */
  boolean equals(byte[] other, int from, int count) {
    return Arrays.equals(bytes.array(), 0, bytes.position(), other, from, from + count);
  }

  /** A hash of the key's bytes, well mixed. */
  long hash() {
    long hash = 0x9E3779B97F4A7C15L ^ bytes.position();
    int at = 0;
    for (; at + 8 <= bytes.position(); at += 8) {
      hash = mix(hash ^ bytes.getLong(at));
    }
    for (; at < bytes.position(); at++) {
      hash = mix(hash ^ bytes.get(at));
    }
    return mix(hash);
  }

  private static long mix(long value) {
    long mixed = (value ^ (value >>> 32)) * 0xD6E8FEB86659FD93L;
    mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8FEB86659FD93L;
    return mixed ^ (mixed >>> 32);
  }

  /** The key for a message, as in {@code id=5, day=2024-01-01}. */
  static String show(Record of, List<NestedField> columns, int[] positions) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < positions.length; i++) {
      @Nullable Object value = of.get(positions[i]);
      text.append(i == 0 ? "" : ", ").append(columns.get(i).name()).append('=').append(value);
    }
    return text.toString();
  }
}
