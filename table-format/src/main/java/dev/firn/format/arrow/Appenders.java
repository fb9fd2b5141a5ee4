package dev.firn.format.arrow;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.ByteBuffers;
import org.apache.iceberg.variants.Variant;

/** The appender of each type, resolved once per vector. Stateless. */
final class Appenders {
  // A long holds every decimal up to this precision.
  private static final int LONG_DIGITS = 18;

  private Appenders() {}

  static Appender of(FieldVector vector, Type type) {
    return switch (type.typeId()) {
      case STRUCT -> structs((StructVector) vector, type.asStructType());
      case LIST -> lists((ListVector) vector, type.asListType());
      case MAP -> maps((MapVector) vector, type.asMapType());
      case VARIANT -> variants((StructVector) vector);
      case UNKNOWN -> (i, value) -> {};
      case STRING -> {
        VarCharVector v = (VarCharVector) vector;
        yield variable(
            v, (i, value) -> v.setSafe(i, value.toString().getBytes(StandardCharsets.UTF_8)));
      }
      case BINARY, GEOMETRY, GEOGRAPHY -> binaries((VarBinaryVector) vector);
      default -> fixed((BaseFixedWidthVector) vector, fixedWidth(vector, type));
    };
  }

  /** Sets values that are not null. */
  private interface Setter {
    void set(int index, Object value);
  }

  private static Appender fixed(BaseFixedWidthVector vector, Setter setter) {
    return (i, value) -> {
      if (value == null) {
        vector.setNull(i);
      } else {
        setter.set(i, value);
      }
    };
  }

  private static Appender variable(BaseVariableWidthVector vector, Setter setter) {
    return (i, value) -> {
      if (value == null) {
        vector.setNull(i);
      } else {
        setter.set(i, value);
      }
    };
  }

  private static Setter fixedWidth(FieldVector vector, Type type) {
    switch (type.typeId()) {
      case BOOLEAN -> {
        BitVector v = (BitVector) vector;
        return (i, value) -> v.setSafe(i, (Boolean) value ? 1 : 0);
      }
      case INTEGER -> {
        IntVector v = (IntVector) vector;
        return (i, value) -> v.setSafe(i, (Integer) value);
      }
      case LONG -> {
        BigIntVector v = (BigIntVector) vector;
        return (i, value) -> v.setSafe(i, (Long) value);
      }
      case FLOAT -> {
        Float4Vector v = (Float4Vector) vector;
        return (i, value) -> v.setSafe(i, (Float) value);
      }
      case DOUBLE -> {
        Float8Vector v = (Float8Vector) vector;
        return (i, value) -> v.setSafe(i, (Double) value);
      }
      case DECIMAL -> {
        return decimals((DecimalVector) vector, (Types.DecimalType) type);
      }
      case UUID, FIXED -> {
        return fixedBinaries((FixedSizeBinaryVector) vector, type);
      }
      default -> {
        return times(vector, type);
      }
    }
  }

  private static Setter decimals(DecimalVector vector, Types.DecimalType type) {
    if (type.precision() > LONG_DIGITS) {
      return (i, value) -> vector.setSafe(i, (BigDecimal) value);
    }
    return (i, value) -> {
      BigDecimal number = (BigDecimal) value;
      BigDecimal scaled = number.scale() == type.scale() ? number : number.setScale(type.scale());
      vector.setSafe(i, scaled.unscaledValue().longValueExact());
    };
  }

  private static Setter fixedBinaries(FixedSizeBinaryVector vector, Type type) {
    if (type.typeId() == Type.TypeID.FIXED) {
      return (i, value) -> vector.setSafe(i, (byte[]) value);
    }
    return (i, value) -> {
      UUID uuid = (UUID) value;
      byte[] bytes = new byte[16];
      ByteBuffer.wrap(bytes)
          .putLong(uuid.getMostSignificantBits())
          .putLong(uuid.getLeastSignificantBits());
      vector.setSafe(i, bytes);
    };
  }

  private static Setter times(FieldVector vector, Type type) {
    switch (type.typeId()) {
      case DATE -> {
        DateDayVector v = (DateDayVector) vector;
        return (i, value) -> v.setSafe(i, Math.toIntExact(((LocalDate) value).toEpochDay()));
      }
      case TIME -> {
        TimeMicroVector v = (TimeMicroVector) vector;
        return (i, value) -> v.setSafe(i, ((LocalTime) value).toNanoOfDay() / 1000);
      }
      case TIMESTAMP -> {
        TimeStampVector v = (TimeStampVector) vector;
        return ((Types.TimestampType) type).shouldAdjustToUTC()
            ? (i, value) -> v.setSafe(i, micros((OffsetDateTime) value))
            : (i, value) -> v.setSafe(i, micros((LocalDateTime) value));
      }
      default -> {
        TimeStampVector v = (TimeStampVector) vector;
        return ((Types.TimestampNanoType) type).shouldAdjustToUTC()
            ? (i, value) -> v.setSafe(i, nanos((OffsetDateTime) value))
            : (i, value) -> v.setSafe(i, nanos((LocalDateTime) value));
      }
    }
  }

  // Near the ends of the range the product wraps and the sum wraps back.
  private static long micros(OffsetDateTime at) {
    return at.toEpochSecond() * 1_000_000L + at.getNano() / 1000;
  }

  private static long micros(LocalDateTime at) {
    return at.toEpochSecond(ZoneOffset.UTC) * 1_000_000L
        + at.get(ChronoField.NANO_OF_SECOND) / 1000;
  }

  private static long nanos(OffsetDateTime at) {
    return at.toEpochSecond() * 1_000_000_000L + at.getNano();
  }

  private static long nanos(LocalDateTime at) {
    return at.toEpochSecond(ZoneOffset.UTC) * 1_000_000_000L + at.get(ChronoField.NANO_OF_SECOND);
  }

  private static Appender binaries(VarBinaryVector vector) {
    return variable(
        vector,
        (i, value) -> {
          ByteBuffer bytes = (ByteBuffer) value;
          if (bytes.hasArray()) {
            int start = bytes.arrayOffset() + bytes.position();
            vector.setSafe(i, bytes.array(), start, bytes.remaining());
          } else {
            vector.setSafe(i, ByteBuffers.toByteArray(bytes));
          }
        });
  }

  private static Appender structs(StructVector vector, Types.StructType type) {
    List<FieldVector> children = vector.getChildrenFromFields();
    Appender[] appenders = new Appender[children.size()];
    for (int f = 0; f < appenders.length; f++) {
      appenders[f] = of(children.get(f), type.fields().get(f).type());
    }
    return (i, value) -> {
      if (value == null) {
        vector.setNull(i);
        return;
      }
      StructLike struct = (StructLike) value;
      vector.setIndexDefined(i);
      for (int f = 0; f < appenders.length; f++) {
        appenders[f].append(i, struct.get(f, Object.class));
      }
    };
  }

  private static Appender lists(ListVector vector, Types.ListType type) {
    Appender elements = of(vector.getDataVector(), type.elementType());
    return (i, value) -> {
      if (value == null) {
        vector.setNull(i);
        return;
      }
      List<?> list = (List<?>) value;
      int start = vector.startNewValue(i);
      int size = 0;
      for (Object element : list) {
        elements.append(start + size++, element);
      }
      vector.endValue(i, size);
    };
  }

  private static Appender maps(MapVector vector, Types.MapType type) {
    StructVector entries = (StructVector) vector.getDataVector();
    Appender keys = of(entries.getChildrenFromFields().get(0), type.keyType());
    Appender values = of(entries.getChildrenFromFields().get(1), type.valueType());
    return (i, value) -> {
      if (value == null) {
        vector.setNull(i);
        return;
      }
      int start = vector.startNewValue(i);
      int size = 0;
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
        entries.setIndexDefined(start + size);
        keys.append(start + size, entry.getKey());
        values.append(start + size, entry.getValue());
        size++;
      }
      vector.endValue(i, size);
    };
  }

  private static Appender variants(StructVector vector) {
    VarBinaryVector metadata = (VarBinaryVector) vector.getChild("metadata");
    VarBinaryVector values = (VarBinaryVector) vector.getChild("value");
    return (i, value) -> {
      if (value == null) {
        vector.setNull(i);
        return;
      }
      Variant variant = (Variant) value;
      vector.setIndexDefined(i);
      byte[] names = new byte[variant.metadata().sizeInBytes()];
      variant.metadata().writeTo(littleEndian(names), 0);
      metadata.setSafe(i, names);
      byte[] bytes = new byte[variant.value().sizeInBytes()];
      variant.value().writeTo(littleEndian(bytes), 0);
      values.setSafe(i, bytes);
    };
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
