package dev.firn.cli.text;

import static org.apache.iceberg.expressions.Expressions.and;
import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.greaterThan;
import static org.apache.iceberg.expressions.Expressions.greaterThanOrEqual;
import static org.apache.iceberg.expressions.Expressions.in;
import static org.apache.iceberg.expressions.Expressions.isNull;
import static org.apache.iceberg.expressions.Expressions.lessThan;
import static org.apache.iceberg.expressions.Expressions.lessThanOrEqual;
import static org.apache.iceberg.expressions.Expressions.not;
import static org.apache.iceberg.expressions.Expressions.notEqual;
import static org.apache.iceberg.expressions.Expressions.notIn;
import static org.apache.iceberg.expressions.Expressions.notNull;
import static org.apache.iceberg.expressions.Expressions.notStartsWith;
import static org.apache.iceberg.expressions.Expressions.or;
import static org.apache.iceberg.expressions.Expressions.startsWith;
import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Binder;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class WhereTextTest {
  private static final Schema SCHEMA =
      new Schema(
          optional(1, "id", Types.LongType.get()),
          optional(2, "name", Types.StringType.get()),
          optional(3, "price", Types.DecimalType.of(10, 2)),
          optional(4, "score", Types.DoubleType.get()),
          optional(5, "day", Types.DateType.get()),
          optional(6, "at", Types.TimestampType.withoutZone()),
          optional(7, "at_utc", Types.TimestampType.withZone()),
          optional(8, "ok", Types.BooleanType.get()),
          optional(9, "data", Types.BinaryType.get()),
          optional(10, "US Gross ($)", Types.IntegerType.get()),
          optional(11, "größe", Types.FloatType.get()),
          optional(12, "clock", Types.TimeType.get()),
          optional(13, "uid", Types.UUIDType.get()),
          optional(
              14,
              "geo",
              Types.StructType.of(
                  optional(15, "lat", Types.DoubleType.get()),
                  optional(16, "place name", Types.StringType.get()))));

  static Stream<Arguments> conditions() {
    return Stream.of(
        Arguments.of("id = 1", equal("id", 1L)),
        Arguments.of("id <> 1", notEqual("id", 1L)),
        Arguments.of("id != 1", notEqual("id", 1L)),
        Arguments.of("id < -5", lessThan("id", -5L)),
        Arguments.of("id <= 5", lessThanOrEqual("id", 5L)),
        Arguments.of("id > 5", greaterThan("id", 5L)),
        Arguments.of("5 < id", greaterThan("id", 5L)),
        Arguments.of("5 >= id", lessThanOrEqual("id", 5L)),
        Arguments.of("id = -9223372036854775808", equal("id", Long.MIN_VALUE)),
        Arguments.of("name = 'it''s'", equal("name", "it's")),
        Arguments.of("name = 'größer'", equal("name", "größer")),
        Arguments.of("price > 10.5", greaterThan("price", new BigDecimal("10.50"))),
        Arguments.of("score > -1.5e3", greaterThan("score", -1500.0)),
        Arguments.of("score < 2", lessThan("score", 2L)),
        Arguments.of("day = DATE '2024-02-29'", equal("day", "2024-02-29")),
        Arguments.of("day = '2024-02-29'", equal("day", "2024-02-29")),
        Arguments.of("at < TIMESTAMP '2024-01-02 03:04:05'", lessThan("at", "2024-01-02T03:04:05")),
        Arguments.of(
            "at_utc >= '2024-01-02'", greaterThanOrEqual("at_utc", "2024-01-02T00:00:00+00:00")),
        Arguments.of(
            "at_utc >= TIMESTAMP '2024-01-02T03:04:05+02:00'",
            greaterThanOrEqual("at_utc", "2024-01-02T03:04:05+02:00")),
        Arguments.of("clock > '12:30:00'", greaterThan("clock", "12:30:00")),
        Arguments.of("ok", equal("ok", true)),
        Arguments.of("ok = FALSE", equal("ok", false)),
        Arguments.of("NOT ok", not(equal("ok", true))),
        Arguments.of("ok IS TRUE", equal("ok", true)),
        Arguments.of("data = X'CAFE'", equal("data", ByteBuffer.wrap(new byte[] {-54, -2}))),
        Arguments.of(
            "id BETWEEN 1 AND 3", and(greaterThanOrEqual("id", 1L), lessThanOrEqual("id", 3L))),
        Arguments.of(
            "id NOT BETWEEN 1 AND 3",
            not(and(greaterThanOrEqual("id", 1L), lessThanOrEqual("id", 3L)))),
        Arguments.of("id IN (1, 2, -3)", in("id", 1L, 2L, -3L)),
        Arguments.of("name NOT IN ('a', 'b')", notIn("name", "a", "b")),
        Arguments.of("name IS NULL", isNull("name")),
        Arguments.of("name IS NOT NULL", notNull("name")),
        Arguments.of("name LIKE 'ab%'", startsWith("name", "ab")),
        Arguments.of("name NOT LIKE 'ab%'", notStartsWith("name", "ab")),
        Arguments.of("name LIKE 'ab'", equal("name", "ab")),
        Arguments.of(
            "id = 1 OR id = 2 AND name = 'x'",
            or(equal("id", 1L), and(equal("id", 2L), equal("name", "x")))),
        Arguments.of(
            "(id = 1 OR id = 2) AND NOT (name = 'x')",
            and(or(equal("id", 1L), equal("id", 2L)), not(equal("name", "x")))),
        Arguments.of("\"US Gross ($)\" > 10", greaterThan("US Gross ($)", 10L)),
        Arguments.of("größe > 1.5", greaterThan("größe", 1.5)),
        Arguments.of("geo.lat < 0", lessThan("geo.lat", 0L)),
        Arguments.of("geo.\"place name\" = 'x'", equal("geo.place name", "x")),
        Arguments.of(
            "uid = '00000000-0000-0000-0000-000000000001'",
            equal("uid", "00000000-0000-0000-0000-000000000001")));
  }

  @ParameterizedTest
  @MethodSource("conditions")
  void readsConditionsThatBindToTheColumns(String text, Expression expected) {
    Expression parsed = WhereText.parse(text, SCHEMA);

    assertThat(parsed).hasToString(expected.toString());
    assertThat(Binder.bind(SCHEMA.asStruct(), parsed, true)).isNotNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          id =                       | position 4
          id = 1 id                  | position 8
          id == = 2                  | position
          name = 'x                  | quote is not closed
          nam = 'x'                  | position 1: there is no column 'nam'; did you mean name
          id = 1 AND nme = 'x'       | position 12: there is no column 'nme'
          length(name) = 3           | position 1: 'length(name)' is more than --where knows
          id = price                 | 'price' is more than --where knows
          name LIKE '%x'             | firn sql
          name LIKE 'a_c%'           | firn sql
          name ILIKE 'a%'            | firn sql
          id = NULL                  | IS NULL or IS NOT NULL
          id IN (1, NULL)            | NULL is never in a list
          id IN (SELECT 1)           | firn sql
          price = 1.005              | at most 2 decimals
          id > 1.5                   | the column is of type long
          name = 5                   | the column is a string, expected '5' in quotes
          day > 'yesterday'          | position 7: the column is of type date, expected a value of that type
          uid = 'x'                  | the column is of type uuid
          geo = 1                    | the column is of type struct
          data = X'CAF'              | hexadecimal
          """)
  void refusesTheRestShowingWhereAndWhy(String text, String reason) {
    assertThatThrownBy(() -> WhereText.parse(text, SCHEMA))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining(reason)
        .hasMessageContaining(text);
  }

  @Test
  void refusesAnEmptyFilter() {
    assertThatThrownBy(() -> WhereText.parse(" ", SCHEMA)).hasMessageContaining("it is empty");
  }
}
