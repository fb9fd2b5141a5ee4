package dev.firn.ingest.value;

import java.math.BigDecimal;
import java.time.temporal.ChronoField;
import java.time.temporal.Temporal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * Converters between Iceberg types, for files that bring their own. Fields match by name; numbers
 * convert where the value is held exactly; a string column takes any primitive as text. Stateless.
 */
public final class TypedConverters {
  private TypedConverters() {}

  /** Returns the converter, or null where no value of {@code from} can be one of {@code to}. */
  public static @Nullable Converter of(Type from, Type to) {
    if (from.isStructType() && to.isStructType()) {
      return struct(from.asStructType(), to.asStructType());
    }
    if (from.isListType() && to.isListType()) {
      return list(from.asListType(), to.asListType());
    }
    if (from.isMapType() && to.isMapType()) {
      return map(from.asMapType(), to.asMapType());
    }
    if (from.equals(to)) {
      return value -> value;
    }
    return from.isPrimitiveType() && to.isPrimitiveType() ? primitive(from, to) : null;
  }

  private static @Nullable Converter primitive(Type from, Type to) {
    if (to.typeId() == Type.TypeID.STRING) {
      return text(from) ? Object::toString : null;
    }
    if (from.typeId() == Type.TypeID.STRING) {
      return TextConverters.of(to, null);
    }
    if (sameZone(from, to)) {
      return value -> timestamp(value, to);
    }
    if (!numeric(from) || !numeric(to)) {
      return null;
    }
    return value -> number(value, to);
  }

  private static boolean sameZone(Type from, Type to) {
    Boolean zone = zoned(from);
    return zone != null && zone.equals(zoned(to));
  }

  private static @Nullable Boolean zoned(Type type) {
    if (type instanceof Types.TimestampType micros) {
      return micros.shouldAdjustToUTC();
    }
    return type instanceof Types.TimestampNanoType nanos
        ? (Boolean) nanos.shouldAdjustToUTC()
        : null;
  }

  private static Object timestamp(Object value, Type to) throws Misfit {
    boolean exact = ((Temporal) value).get(ChronoField.NANO_OF_SECOND) % 1000 == 0;
    if (!exact && to.typeId() == Type.TypeID.TIMESTAMP) {
      throw new Misfit(to + " (whole microseconds)", value.toString());
    }
    return value;
  }

  private static boolean numeric(Type type) {
    return switch (type.typeId()) {
      case INTEGER, LONG, FLOAT, DOUBLE, DECIMAL -> true;
      default -> false;
    };
  }

  private static boolean text(Type type) {
    return switch (type.typeId()) {
      case BINARY, FIXED, VARIANT, GEOMETRY, GEOGRAPHY, UNKNOWN -> false;
      default -> true;
    };
  }

  private static Object number(Object value, Type to) throws Misfit {
    double asDouble = ((Number) value).doubleValue();
    if (!Double.isFinite(asDouble)) {
      return notFinite(value, asDouble, to);
    }
    BigDecimal exact =
        value instanceof BigDecimal decimal
            ? decimal
            : value instanceof Double || value instanceof Float
                ? new BigDecimal(asDouble)
                : BigDecimal.valueOf(((Number) value).longValue());
    try {
      return switch (to.typeId()) {
        case INTEGER -> exact.intValueExact();
        case LONG -> exact.longValueExact();
        case DECIMAL -> TextConverters.rescale(exact, (Types.DecimalType) to, value.toString());
        case FLOAT -> exactly(exact, (float) asDouble, to);
        default -> exactly(exact, asDouble, to);
      };
    } catch (ArithmeticException e) {
      throw new Misfit(to.toString(), value.toString());
    }
  }

  private static Number exactly(BigDecimal exact, Number converted, Type to) throws Misfit {
    double back = converted.doubleValue();
    if (Double.isFinite(back) && new BigDecimal(back).compareTo(exact) == 0) {
      return converted;
    }
    throw new Misfit(to + " (exactly)", exact.toPlainString());
  }

  private static Object notFinite(Object value, double asDouble, Type to) throws Misfit {
    return switch (to.typeId()) {
      case DOUBLE -> asDouble;
      case FLOAT -> (float) asDouble;
      default -> throw new Misfit(to.toString(), value.toString());
    };
  }

  private record Field(int from, int to, Types.NestedField field, @Nullable Converter converter) {}

  private static @Nullable Converter struct(Types.StructType from, Types.StructType to) {
    List<Field> fields = new ArrayList<>();
    for (int i = 0; i < to.fields().size(); i++) {
      Types.NestedField field = to.fields().get(i);
      Types.NestedField source = from.field(field.name());
      if (source == null) {
        fields.add(new Field(-1, i, field, null));
      } else {
        Converter converter = of(source.type(), field.type());
        if (converter == null) {
          return null;
        }
        fields.add(new Field(from.fields().indexOf(source), i, field, converter));
      }
    }
    GenericRecord template = GenericRecord.create(to);
    return value -> {
      Record source = (Record) value;
      GenericRecord row = template.copy();
      for (Field field : fields) {
        row.set(field.to, convert(source, field));
      }
      return row;
    };
  }

  private static @Nullable Object convert(Record source, Field field) throws Misfit {
    Object value = field.from < 0 ? null : source.get(field.from);
    Converter converter = field.converter;
    if (value == null || converter == null) {
      if (field.field.isRequired()) {
        throw new Misfit(field.field.type() + ", not null", null).under(field.field.name());
      }
      return null;
    }
    try {
      return converter.convert(value);
    } catch (Misfit e) {
      throw e.under(field.field.name());
    }
  }

  private static @Nullable Converter list(Types.ListType from, Types.ListType to) {
    Converter element = of(from.elementType(), to.elementType());
    if (element == null) {
      return null;
    }
    return value -> {
      List<@Nullable Object> out = new ArrayList<>();
      for (Object item : (List<?>) value) {
        out.add(orNull(element, item, to.isElementRequired(), "[" + out.size() + "]"));
      }
      return out;
    };
  }

  private static @Nullable Converter map(Types.MapType from, Types.MapType to) {
    Converter keys = of(from.keyType(), to.keyType());
    Converter values = of(from.valueType(), to.valueType());
    if (keys == null || values == null) {
      return null;
    }
    return value -> {
      Map<@Nullable Object, @Nullable Object> out = new LinkedHashMap<>();
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
        String name = String.valueOf(entry.getKey());
        Object key = orNull(keys, entry.getKey(), true, name);
        out.put(key, orNull(values, entry.getValue(), to.isValueRequired(), name));
      }
      return out;
    };
  }

  private static @Nullable Object orNull(
      Converter converter, @Nullable Object item, boolean required, String name) throws Misfit {
    if (item == null && required) {
      throw new Misfit("a value, not null", null).under(name);
    }
    try {
      return item == null ? null : converter.convert(item);
    } catch (Misfit e) {
      throw e.under(name);
    }
  }
}
