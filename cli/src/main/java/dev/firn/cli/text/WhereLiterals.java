package dev.firn.cli.text;

import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.sf.jsqlparser.expression.BooleanValue;
import net.sf.jsqlparser.expression.CastExpression;
import net.sf.jsqlparser.expression.DateTimeLiteralExpression;
import net.sf.jsqlparser.expression.DateValue;
import net.sf.jsqlparser.expression.DoubleValue;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.HexValue;
import net.sf.jsqlparser.expression.LongValue;
import net.sf.jsqlparser.expression.SignedExpression;
import net.sf.jsqlparser.expression.StringValue;
import net.sf.jsqlparser.expression.TimeValue;
import net.sf.jsqlparser.expression.TimestampValue;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.schema.Column;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/** The leaves of a filter: column names and literals, brought to the form that Iceberg converts. */
final class WhereLiterals {
  private static final Pattern NAME_PART = Pattern.compile("\"((?:[^\"]|\"\")*)\"|([^.\"]+)");
  private static final Pattern ZONED = Pattern.compile("(?i).*(Z|[+-]\\d{2}:?\\d{2})$");

  private static final Set<String> TIMES =
      Set.of("DATE", "TIME", "TIMESTAMP", "TIMESTAMPTZ", "DATETIME");

  private final String text;
  private final Schema schema;

  WhereLiterals(String text, Schema schema) {
    this.text = text;
    this.schema = schema;
  }

  boolean isColumn(Expression node) {
    return node instanceof Column && !isBoolean(node);
  }

  boolean isBoolean(Expression node) {
    return node instanceof BooleanValue
        || (node instanceof Column column
            && column.getTable() == null
            && column.getColumnName().matches("(?i)true|false"));
  }

  /** Returns the dotted path, which must be a column of the schema. */
  String column(Column node) {
    Matcher part = NAME_PART.matcher(node.getFullyQualifiedName());
    StringBuilder path = new StringBuilder();
    while (part.find()) {
      String quoted = part.group(1);
      path.append(path.isEmpty() ? "" : ".")
          .append(quoted == null ? part.group(2) : quoted.replace("\"\"", "\""));
    }
    String name = path.toString();
    if (schema.findField(name) == null) {
      throw FirnException.invalid(
          "Cannot read filter %s at position %d: there is no column '%s'%s"
              .formatted(
                  text,
                  position(node),
                  name,
                  NearMatch.hint(name, TypeUtil.indexByName(schema.asStruct()).keySet())));
    }
    return name;
  }

  /** Returns the literal in the form that suits the column's type; null: no column. */
  Object value(Expression node, @Nullable String column) {
    Types.NestedField field = column == null ? null : schema.findField(column);
    if (field == null) {
      return plain(node);
    }
    Object value = fit(node, plain(node), field.type());
    if (!converts(value, field.type())) {
      throw wrong(node, "the column is of type " + field.type(), "a value of that type");
    }
    return value;
  }

  private static boolean converts(Object value, Type type) {
    try {
      return Expressions.lit(value).to(type) != null;
    } catch (DateTimeException | IllegalArgumentException e) {
      return false;
    }
  }

  private Object plain(Expression node) {
    if (node instanceof ParenthesedExpressionList<?> group && group.size() == 1) {
      return plain(group.get(0));
    }
    if (isBoolean(node)) {
      return node.toString().equalsIgnoreCase("true");
    }
    if (node instanceof StringValue string) {
      return string(string);
    }
    if (node instanceof LongValue number) {
      return whole(number.getStringValue());
    }
    if (node instanceof DoubleValue number) {
      return new BigDecimal(number.toString());
    }
    if (node instanceof SignedExpression signed) {
      return signed(signed);
    }
    if (node instanceof HexValue hex) {
      return bytes(hex);
    }
    return time(node);
  }

  private Object time(Expression node) {
    if (node instanceof CastExpression cast
        && cast.getLeftExpression() instanceof StringValue literal
        && cast.getColDataType() != null
        && TIMES.contains(cast.getColDataType().getDataType().toUpperCase(Locale.ROOT))) {
      return string(literal);
    }
    if (node instanceof DateTimeLiteralExpression literal) {
      return literal.getValue().replaceAll("^'|'$", "");
    }
    if (node instanceof DateValue date) {
      return date.getValue().toString();
    }
    if (node instanceof TimeValue time) {
      return time.getValue().toString();
    }
    if (node instanceof TimestampValue timestamp) {
      return timestamp.getValue().toLocalDateTime().toString();
    }
    throw unsupported(node);
  }

  String string(StringValue string) {
    return string.getValue().replace("''", "'");
  }

  private static Object whole(String digits) {
    BigInteger value = new BigInteger(digits.replaceAll("[lL]$", ""));
    try {
      return value.longValueExact();
    } catch (ArithmeticException e) {
      return new BigDecimal(value);
    }
  }

  private Object signed(SignedExpression signed) {
    Object value = plain(signed.getExpression());
    boolean negative = signed.getSign() == '-';
    if (!negative && signed.getSign() != '+') {
      throw unsupported(signed);
    }
    if (value instanceof Long number) {
      return negative ? -number : number;
    }
    if (value instanceof BigDecimal number) {
      return negative ? narrow(number.negate()) : number;
    }
    throw unsupported(signed);
  }

  /** The smallest long is a negated literal that does not fit a long itself. */
  private static Object narrow(BigDecimal number) {
    return number.scale() == 0 && number.unscaledValue().bitLength() < Long.SIZE
        ? (Object) number.longValueExact()
        : number;
  }

  private Object bytes(HexValue hex) {
    String digits = hex.getValue().replaceAll("(?i)^x|^0x|'", "");
    try {
      return ByteBuffer.wrap(HexFormat.of().parseHex(digits));
    } catch (IllegalArgumentException e) {
      throw wrong(hex, "the bytes are not in hexadecimal", "an even number of digits, as X'CAFE'");
    }
  }

  private Object fit(Expression node, Object value, Type type) {
    if (value instanceof String string) {
      return fitText(string, type);
    }
    if (value instanceof BigDecimal decimal) {
      return fitDecimal(node, decimal, type);
    }
    boolean stringColumn = type.typeId() == Type.TypeID.STRING;
    if (stringColumn && !(value instanceof ByteBuffer)) {
      throw wrong(node, "the column is a string", "'" + value + "' in quotes");
    }
    return value;
  }

  /** Iceberg reads times in strict ISO form, and an instant with its offset alone. */
  private static Object fitText(String value, Type type) {
    boolean timestamp =
        type.typeId() == Type.TypeID.TIMESTAMP || type.typeId() == Type.TypeID.TIMESTAMP_NANO;
    if (!timestamp) {
      return value;
    }
    String iso = value.strip().replaceFirst("^(\\d{4}-\\d{2}-\\d{2})\\s+", "$1T");
    if (iso.matches("\\d{4}-\\d{2}-\\d{2}")) {
      iso += "T00:00:00";
    }
    boolean adjusted =
        type instanceof Types.TimestampType micros
            ? micros.shouldAdjustToUTC()
            : ((Types.TimestampNanoType) type).shouldAdjustToUTC();
    boolean zoned = ZONED.matcher(iso.substring(Math.min(iso.length(), 11))).matches();
    return adjusted && !zoned ? iso + "+00:00" : iso.toUpperCase(Locale.ROOT);
  }

  private Object fitDecimal(Expression node, BigDecimal value, Type type) {
    return switch (type.typeId()) {
      case FLOAT, DOUBLE -> value.doubleValue();
      case DECIMAL -> {
        int scale = ((Types.DecimalType) type).scale();
        try {
          yield value.setScale(scale, RoundingMode.UNNECESSARY);
        } catch (ArithmeticException e) {
          throw wrong(node, "the column is a " + type, "at most " + scale + " decimals");
        }
      }
      default -> throw wrong(node, "the column is of type " + type, "a value of that type");
    };
  }

  FirnException unsupported(Expression node) {
    return FirnException.invalid(
        "Cannot read filter %s at position %d: '%s' is more than --where knows (comparisons of a column with a value, BETWEEN, IN, IS NULL, LIKE 'abc%%', AND, OR, NOT); 'firn sql' runs any condition"
            .formatted(text, position(node), node));
  }

  FirnException wrong(Expression node, String why, String expected) {
    return FirnException.invalid(
        "Cannot read filter %s at position %d: %s, expected %s, got '%s'"
            .formatted(text, position(node), why, expected, node));
  }

  /** The parser keeps positions of few nodes; the others are found by their text. */
  private int position(Expression node) {
    if (node.getASTNode() != null && node.getASTNode().jjtGetFirstToken() != null) {
      return node.getASTNode().jjtGetFirstToken().beginColumn;
    }
    return Math.max(0, text.indexOf(node.toString())) + 1;
  }
}
