package dev.firn.cli.text;

import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.math.BigDecimal;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericDataUtil;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * The assignment of {@code --set}: a column and its new value, as Iceberg's records hold it.
 *
 * @param value null where the column is to be null
 */
public record SetText(String column, @Nullable Object value) {
  /**
   * Parses {@code column=value}. {@code NULL} is null; a value in single quotes is text as it
   * stands, with {@code ''} for a quote; any other is what the column's type makes of it.
   *
   * @throws FirnException (invalid) for an unknown column, or a value that is none of its type
   */
  public static SetText parse(String text, Schema schema) {
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw FirnException.invalid(
          "Cannot set '%s': expected COLUMN=VALUE, as in status=paid".formatted(text));
    }
    String name = text.substring(0, equals).strip();
    NestedField column = schema.asStruct().field(name);
    if (column == null) {
      throw FirnException.invalid(
          "Cannot set column '%s': there is no top-level column of that name%s"
              .formatted(
                  name,
                  NearMatch.hint(name, schema.columns().stream().map(NestedField::name).toList())));
    }
    String value = text.substring(equals + 1).strip();
    if (value.equalsIgnoreCase("null")) {
      return new SetText(name, null);
    }
    boolean quoted = value.length() > 1 && value.startsWith("'") && value.endsWith("'");
    String plain = quoted ? value.substring(1, value.length() - 1).replace("''", "'") : value;
    return new SetText(name, value(column, plain));
  }

  private static Object value(NestedField column, String text) {
    Object value = null;
    try {
      value = convert(column.type(), text);
    } catch (RuntimeException e) {
      throw unfit(column, text);
    }
    if (value == null) {
      throw unfit(column, text);
    }
    return value;
  }

  private static @Nullable Object convert(Type type, String text) {
    return switch (type.typeId()) {
      case BOOLEAN ->
          text.equalsIgnoreCase("true")
              ? Boolean.TRUE
              : text.equalsIgnoreCase("false") ? Boolean.FALSE : null;
      case INTEGER -> Integer.valueOf(text);
      case LONG -> Long.valueOf(text);
      case FLOAT -> Float.valueOf(text);
      case DOUBLE -> Double.valueOf(text);
      case DECIMAL -> new BigDecimal(text);
      case STRING -> text;
      case DATE, TIME, TIMESTAMP, TIMESTAMP_NANO, UUID -> {
        Literal<?> literal = Expressions.lit(text.replace(' ', 'T')).to(type);
        yield literal == null ? null : GenericDataUtil.internalToGeneric(type, literal.value());
      }
      default -> null;
    };
  }

  private static FirnException unfit(NestedField column, String text) {
    return FirnException.invalid(
        "Cannot set column %s: bad value, expected %s, got '%s'"
            .formatted(column.name(), column.type(), text));
  }
}
