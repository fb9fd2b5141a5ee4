package dev.firn.ingest.value;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * Converters from JSON values (see {@link JsonNumber}). Numbers go only into numeric types, strings
 * only into strings and the types that JSON lacks; a string column takes any value as its JSON
 * text. A member that the target has no field for is a misfit: nothing is dropped silently.
 * Stateless; the converters made are confined to one thread.
 */
public final class JsonConverters {
  private JsonConverters() {}

  /** Returns the converter to any type; {@code path} is where {@code styles} knows it. */
  public static Converter of(Type type, String path, Styles styles) {
    return switch (type.typeId()) {
      case STRUCT -> struct((Types.StructType) type, path, styles);
      case LIST -> list((Types.ListType) type, path, styles);
      case MAP -> map((Types.MapType) type, path, styles);
      case STRING -> value -> value instanceof String text ? text : JsonTexts.of(value);
      case BOOLEAN -> JsonConverters::toBoolean;
      case INTEGER, LONG, FLOAT, DOUBLE, DECIMAL -> number(type);
      default -> string(type, styles.of(path));
    };
  }

  /** Returns the converter of whole rows. */
  public static Converter struct(Types.StructType type, String path, Styles styles) {
    GenericRecord template = GenericRecord.create(type);
    Map<String, Field> fields = new LinkedHashMap<>();
    List<Types.NestedField> all = type.fields();
    for (int i = 0; i < all.size(); i++) {
      Types.NestedField field = all.get(i);
      String child = path.isEmpty() ? field.name() : path + "." + field.name();
      fields.put(field.name(), new Field(i, field, of(field.type(), child, styles)));
    }
    List<Field> required = fields.values().stream().filter(f -> f.field.isRequired()).toList();
    return value -> {
      if (!(value instanceof Map<?, ?> map)) {
        throw new Misfit("an object", JsonTexts.of(value));
      }
      GenericRecord row = template.copy();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        Field field = fields.get(entry.getKey());
        if (field == null) {
          throw new Misfit("no such member", JsonTexts.of(entry.getValue()))
              .under(String.valueOf(entry.getKey()));
        }
        row.set(field.position, field.convert(entry.getValue()));
      }
      for (Field field : required) {
        if (row.get(field.position) == null) {
          throw new Misfit(field.field.type() + ", not null", null).under(field.field.name());
        }
      }
      return row;
    };
  }

  private record Field(int position, Types.NestedField field, Converter converter) {
    @Nullable Object convert(@Nullable Object json) throws Misfit {
      if (json == null) {
        return null;
      }
      try {
        return converter.convert(json);
      } catch (Misfit e) {
        throw e.under(field.name());
      }
    }
  }

  private static Converter list(Types.ListType type, String path, Styles styles) {
    Converter element = of(type.elementType(), path + "[]", styles);
    return value -> {
      if (!(value instanceof List<?> list)) {
        throw new Misfit("an array", JsonTexts.of(value));
      }
      List<@Nullable Object> out = new ArrayList<>(list.size());
      for (Object item : list) {
        if (item == null && type.isElementRequired()) {
          throw new Misfit(type.elementType() + ", not null", null).under("[" + out.size() + "]");
        }
        try {
          out.add(item == null ? null : element.convert(item));
        } catch (Misfit e) {
          throw e.under("[" + out.size() + "]");
        }
      }
      return out;
    };
  }

  private static Converter map(Types.MapType type, String path, Styles styles) {
    Converter keys = TextConverters.of(type.keyType(), null);
    Converter values = of(type.valueType(), path + "[]", styles);
    return value -> {
      if (!(value instanceof Map<?, ?> map)) {
        throw new Misfit("an object", JsonTexts.of(value));
      }
      Map<@Nullable Object, @Nullable Object> out = new LinkedHashMap<>();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        String name = String.valueOf(entry.getKey());
        Object item = entry.getValue();
        try {
          if (item == null && type.isValueRequired()) {
            throw new Misfit(type.valueType() + ", not null", null);
          }
          out.put(keys.convert(name), item == null ? null : values.convert(item));
        } catch (Misfit e) {
          throw e.under(name);
        }
      }
      return out;
    };
  }

  private static Object toBoolean(Object value) throws Misfit {
    if (value instanceof Boolean) {
      return value;
    }
    throw new Misfit("boolean", JsonTexts.of(value));
  }

  private static Converter number(Type type) {
    Converter text = TextConverters.of(type, null);
    boolean integral = type.typeId() == Type.TypeID.LONG || type.typeId() == Type.TypeID.INTEGER;
    return value -> {
      if (!(value instanceof JsonNumber number)) {
        throw new Misfit(type.toString(), JsonTexts.of(value));
      }
      String plain = integral ? wholeNumber(number.text()) : number.text();
      return text.convert(plain);
    };
  }

  /** 5.0 and 5e2 are integers in JSON; anything else is left for the caller to refuse. */
  private static String wholeNumber(String text) {
    boolean plain = text.indexOf('.') < 0 && text.indexOf('e') < 0 && text.indexOf('E') < 0;
    if (plain || text.length() > 40) {
      return text;
    }
    BigDecimal number = new BigDecimal(text).stripTrailingZeros();
    boolean whole = number.scale() <= 0 && number.scale() > -40;
    return whole ? number.toBigInteger().toString() : text;
  }

  private static Converter string(Type type, @Nullable DateStyle style) {
    Converter text = TextConverters.of(type, style);
    return value -> {
      if (!(value instanceof String)) {
        throw new Misfit(type + " in a string", JsonTexts.of(value));
      }
      return text.convert(value);
    };
  }
}
