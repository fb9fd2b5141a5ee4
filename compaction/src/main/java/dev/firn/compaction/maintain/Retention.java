package dev.firn.compaction.maintain;

import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;

/**
 * How long a table keeps its rows, by a column that says when they are from. Immutable; pure.
 *
 * <p>A row goes once what its column says is older than the age, in UTC where the column has no
 * zone; a date is as old as its last moment. Rows that say nothing, by a null, stay.
 *
 * @param column of a type with a date; nested ones are dotted
 */
public record Retention(String column, Duration age) {
  /** The table property that names the column. */
  public static final String COLUMN = "firn.retention.column";

  /** The table property that says how old rows get, such as {@code 30d}. */
  public static final String AGE = "firn.retention.age";

  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS");

  /**
   * Reads a table's properties; empty where they have neither.
   *
   * @param table its name, for errors
   * @throws FirnException (invalid) where there is one without the other, or no age
   */
  public static Optional<Retention> of(String table, Map<String, String> properties) {
    String column = properties.get(COLUMN);
    String age = properties.get(AGE);
    if (column == null && age == null) {
      return Optional.empty();
    }
    if (column == null || age == null) {
      throw FirnException.invalid(
          "Cannot read property %s of %s: it goes with %s, expected both or neither; set the one or drop the other ('firn evolve properties')"
              .formatted(column == null ? AGE : COLUMN, table, column == null ? COLUMN : AGE));
    }
    if (!age.strip().matches(Age.PATTERN)) {
      throw FirnException.invalid(
          "Cannot read property %s of %s: it is no age, expected one such as 30d (units s, m, h, d), got '%s'; set or drop it ('firn evolve properties')"
              .formatted(AGE, table, age));
    }
    return Optional.of(new Retention(column.strip(), Age.parse(age.strip())));
  }

  /**
   * Returns the condition of the rows of {@code table} that have had their time at {@code now}.
   *
   * @throws FirnException (invalid) as {@link #olderThan}
   */
  public Expression expired(String table, Schema schema, Instant now) {
    return olderThan(table, schema, column, now.minus(age));
  }

  /**
   * Returns the condition of the rows from before {@code instant}.
   *
   * @param table its name, for errors
   * @throws FirnException (invalid) for a column that is not there, or says no date
   */
  public static Expression olderThan(String table, Schema schema, String column, Instant instant) {
    Types.NestedField field = schema.findField(column);
    if (field == null) {
      throw FirnException.invalid(
          "Cannot drop rows of %s by age: there is no column '%s'%s"
              .formatted(
                  table,
                  column,
                  NearMatch.hint(column, TypeUtil.indexByName(schema.asStruct()).keySet())));
    }
    // Said outright: to some evaluators a null is less than anything.
    return Expressions.and(
        Expressions.notNull(column), Expressions.lessThan(column, bound(table, field, instant)));
  }

  private static String bound(String table, Types.NestedField field, Instant instant) {
    // What is smaller than a microsecond is cut off, so that rather less goes.
    String micros = MICROS.format(instant.truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC));
    Type type = field.type();
    return switch (type.typeId()) {
      // A date before the instant's has ended before the instant.
      case DATE -> instant.atOffset(ZoneOffset.UTC).toLocalDate().toString();
      case TIMESTAMP ->
          ((Types.TimestampType) type).shouldAdjustToUTC() ? micros + "+00:00" : micros;
      case TIMESTAMP_NANO ->
          ((Types.TimestampNanoType) type).shouldAdjustToUTC() ? micros + "+00:00" : micros;
      default ->
          throw FirnException.invalid(
              "Cannot drop rows of %s by age: column '%s' does not say when, expected a date or timestamp, got %s"
                  .formatted(table, field.name(), type));
    };
  }
}
