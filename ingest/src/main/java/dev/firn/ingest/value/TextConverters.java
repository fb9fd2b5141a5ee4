package dev.firn.ingest.value;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.util.Base64;
import java.util.UUID;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * Converters from text. Text that is no string column's is stripped of surrounding blanks first,
 * and blank text is null there. Stateless; the converters made are confined to one thread.
 */
public final class TextConverters {
  private TextConverters() {}

  /** Returns the converter to a primitive type; null style means ISO dates. */
  public static Converter of(Type type, @Nullable DateStyle style) {
    if (type.typeId() == Type.TypeID.STRING) {
      return value -> value;
    }
    Converter exact = exact(type, style == null ? DateStyle.ISO : style);
    return value -> {
      String text = value.toString().strip();
      return text.isEmpty() ? null : exact.convert(text);
    };
  }

  private static Converter exact(Type type, DateStyle style) {
    return switch (type.typeId()) {
      case BOOLEAN -> TextConverters::toBoolean;
      case INTEGER -> TextConverters::toInt;
      case LONG -> TextConverters::toLong;
      case FLOAT -> TextConverters::toFloat;
      case DOUBLE -> TextConverters::toDouble;
      case DECIMAL -> decimal((Types.DecimalType) type);
      case DATE -> date(style);
      case TIME -> time();
      case TIMESTAMP, TIMESTAMP_NANO -> timestamp(type, style);
      case UUID -> TextConverters::toUuid;
      case BINARY -> TextConverters::toBinary;
      case FIXED -> fixed((Types.FixedType) type);
      default ->
          value -> {
            throw new Misfit(type + ", which text cannot hold", value.toString());
          };
    };
  }

  private static Object toBoolean(Object value) throws Misfit {
    String text = value.toString();
    if (text.equalsIgnoreCase("true")) {
      return true;
    }
    if (text.equalsIgnoreCase("false")) {
      return false;
    }
    throw new Misfit("boolean (true or false)", text);
  }

  private static Object toInt(Object value) throws Misfit {
    try {
      return Integer.parseInt(value.toString());
    } catch (NumberFormatException e) {
      throw new Misfit(
          "int" + outOfRange(value, Integer.MIN_VALUE, Integer.MAX_VALUE), value.toString());
    }
  }

  private static Object toLong(Object value) throws Misfit {
    try {
      return Long.parseLong(value.toString());
    } catch (NumberFormatException e) {
      throw new Misfit(
          "long" + outOfRange(value, Long.MIN_VALUE, Long.MAX_VALUE), value.toString());
    }
  }

  private static String outOfRange(Object value, long min, long max) {
    String text = value.toString();
    boolean digits =
        text.chars().skip(text.startsWith("-") ? 1 : 0).allMatch(c -> c >= '0' && c <= '9');
    return digits && text.length() > 1 ? " (" + min + " to " + max + ")" : "";
  }

  private static Object toDouble(Object value) throws Misfit {
    String text = value.toString();
    try {
      double number = NumberScan.toDouble(text);
      if (Double.isFinite(number) || NumberScan.special(text)) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new Misfit("double", text);
    }
    throw new Misfit("double (within its range)", text);
  }

  private static Object toFloat(Object value) throws Misfit {
    double number = (double) toDouble(value);
    float narrow = (float) number;
    if (Double.isFinite(number) && !Float.isFinite(narrow)) {
      throw new Misfit("float (within its range)", value.toString());
    }
    return narrow;
  }

  private static Converter decimal(Types.DecimalType type) {
    return value -> {
      String text = value.toString();
      try {
        return rescale(new BigDecimal(text), type, text);
      } catch (NumberFormatException e) {
        throw new Misfit(type.toString(), text);
      }
    };
  }

  /** Returns the number at the type's scale, exactly. */
  static BigDecimal rescale(BigDecimal number, Types.DecimalType type, String text) throws Misfit {
    if (number.scale() < -1000 || number.scale() > 1000) {
      throw new Misfit(type.toString(), text);
    }
    BigDecimal plain = number.scale() > type.scale() ? number.stripTrailingZeros() : number;
    if (plain.scale() > type.scale()) {
      throw new Misfit(type + " (at most " + type.scale() + " digits after the point)", text);
    }
    BigDecimal scaled = plain.setScale(type.scale());
    if (scaled.precision() > type.precision()) {
      int whole = type.precision() - type.scale();
      throw new Misfit(type + " (at most " + whole + " digits before the point)", text);
    }
    return scaled;
  }

  private static Converter date(DateStyle style) {
    return value -> {
      String text = value.toString();
      return parseDate(text, text.length(), style, "date");
    };
  }

  private static LocalDate parseDate(String text, int to, DateStyle style, String type)
      throws Misfit {
    LocalDate date = style.parse(text, 0, to);
    if (date == null && !style.equals(DateStyle.ISO)) {
      date = DateStyle.ISO.parse(text, 0, to);
    }
    if (date == null) {
      throw new Misfit(type + " written " + style.pattern(), text);
    }
    return date;
  }

  private static Converter time() {
    TimeScan scan = new TimeScan();
    return value -> {
      String text = value.toString();
      if (!scan.scan(text, 0, text.length()) || scan.zone() != null) {
        throw new Misfit("time written HH:mm:ss", text);
      }
      return scan.time();
    };
  }

  private static Converter timestamp(Type type, DateStyle style) {
    boolean zoned =
        type.typeId() == Type.TypeID.TIMESTAMP
            ? ((Types.TimestampType) type).shouldAdjustToUTC()
            : ((Types.TimestampNanoType) type).shouldAdjustToUTC();
    TimeScan scan = new TimeScan();
    String name = zoned ? "timestamptz" : "timestamp";
    String shape = " HH:mm:ss" + (zoned ? " with a zone (Z or +01:00)" : " without a zone");
    return value -> {
      String text = value.toString();
      int dateEnd = TimeScan.dateEnd(text);
      boolean dateOnly = !zoned && text.indexOf(':') < 0;
      if (dateOnly) {
        return parseDate(text, text.length(), style, name).atStartOfDay();
      }
      if (dateEnd < 0 || !scan.scan(text, dateEnd + 1, text.length())) {
        throw new Misfit(name + " written " + style.pattern() + shape, text);
      }
      if (zoned != (scan.zone() != null)) {
        throw new Misfit(name + " written " + style.pattern() + shape, text);
      }
      LocalDate date = parseDate(text, dateEnd, style, name);
      return zoned ? scan.instantOn(date) : scan.on(date);
    };
  }

  private static Object toUuid(Object value) throws Misfit {
    String text = value.toString();
    try {
      UUID uuid = UUID.fromString(text);
      if (text.length() == 36) {
        return uuid;
      }
    } catch (IllegalArgumentException e) {
      throw new Misfit("uuid", text);
    }
    throw new Misfit("uuid", text);
  }

  private static Object toBinary(Object value) throws Misfit {
    return ByteBuffer.wrap(base64(value, "binary"));
  }

  private static byte[] base64(Object value, String type) throws Misfit {
    try {
      return Base64.getDecoder().decode(value.toString());
    } catch (IllegalArgumentException e) {
      throw new Misfit(type + " in base64", value.toString());
    }
  }

  private static Converter fixed(Types.FixedType type) {
    return value -> {
      byte[] bytes = base64(value, type.toString());
      if (bytes.length != type.length()) {
        throw new Misfit(type + " in base64", value.toString());
      }
      return bytes;
    };
  }
}
