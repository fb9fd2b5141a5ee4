package dev.firn.compaction.policy;

import java.time.LocalDate;
import java.util.concurrent.TimeUnit;
import java.util.function.IntToLongFunction;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Type.TypeID;

/**
 * Filters of columns that select a partition. Stateless.
 *
 * <p>Fields of a partition that no range of a column says (buckets, truncated values, times in
 * nanoseconds) are left out: the filter then selects more, never less.
 */
final class PartitionFilters {
  private static final LocalDate EPOCH = LocalDate.EPOCH;

  private PartitionFilters() {}

  static Expression of(PartitionSpec spec, StructLike partition) {
    Expression all = Expressions.alwaysTrue();
    for (int i = 0; i < spec.fields().size(); i++) {
      PartitionField field = spec.fields().get(i);
      String column = spec.schema().findColumnName(field.sourceId());
      if (column != null && !field.transform().isVoid()) {
        Type type = spec.schema().findType(field.sourceId());
        all = Expressions.and(all, field(field, column, type, partition.get(i, Object.class)));
      }
    }
    return all;
  }

  private static Expression field(PartitionField field, String column, Type type, Object value) {
    if (value == null) {
      // Every transform that is not void gives null for null alone.
      return Expressions.isNull(column);
    }
    if (type.typeId() == TypeID.TIMESTAMP_NANO) {
      return Expressions.alwaysTrue();
    }
    if (field.transform().isIdentity()) {
      return identity(column, value);
    }
    if (!(value instanceof Integer ordinal)) {
      return Expressions.alwaysTrue();
    }
    return switch (field.transform().toString()) {
      case "hour" -> between(column, ordinal, TimeUnit.HOURS::toMicros);
      case "day" -> days(column, type, ordinal, day -> day);
      case "month" -> days(column, type, ordinal, month -> EPOCH.plusMonths(month).toEpochDay());
      case "year" -> days(column, type, ordinal, year -> EPOCH.plusYears(year).toEpochDay());
      default -> Expressions.alwaysTrue();
    };
  }

  private static Expression identity(String column, Object value) {
    boolean nan =
        (value instanceof Double number && number.isNaN())
            || (value instanceof Float small && small.isNaN());
    return nan ? Expressions.isNaN(column) : Expressions.equal(column, value);
  }

  private static Expression days(String column, Type type, int ordinal, IntToLongFunction day) {
    return type.typeId() == TypeID.DATE
        ? Expressions.and(
            Expressions.greaterThanOrEqual(column, (int) day.applyAsLong(ordinal)),
            Expressions.lessThan(column, (int) day.applyAsLong(ordinal + 1)))
        : between(column, ordinal, i -> TimeUnit.DAYS.toMicros(day.applyAsLong(i)));
  }

  private static Expression between(String column, int ordinal, IntToLongFunction micros) {
    return Expressions.and(
        Expressions.greaterThanOrEqual(column, micros.applyAsLong(ordinal)),
        Expressions.lessThan(column, micros.applyAsLong(ordinal + 1)));
  }
}
