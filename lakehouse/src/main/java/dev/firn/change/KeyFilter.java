package dev.firn.change;

import java.util.Comparator;
import java.util.TreeSet;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Comparators;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.util.NaNUtil;
import org.jspecify.annotations.Nullable;

/**
 * The values of one key column, as a filter that is true of all of them: their list while they are
 * few, their bounds then. Values are in Iceberg's internal representation and order. A builder,
 * confined to one thread.
 */
final class KeyFilter {
  /** As many as Iceberg itself looks up in statistics. */
  private static final int MOST_LISTED = 200;

  private final String column;
  private final Type type;
  private final TreeSet<Object> values;
  private boolean listed = true;
  private boolean nan;

  KeyFilter(String column, Type type) {
    this.column = column;
    this.type = type;
    Comparator<Object> order = Comparators.forType(type.asPrimitiveType());
    this.values = new TreeSet<>(order);
  }

  /** Adds a value that is not null, which may not change afterwards. */
  void add(Object value) {
    if (NaNUtil.isNaN(value)) {
      nan = true;
      return;
    }
    values.add(value);
    if (values.size() > (listed ? MOST_LISTED : 2)) {
      listed = false;
      Object least = values.first();
      Object most = values.last();
      values.clear();
      values.add(least);
      values.add(most);
    }
  }

  /** Returns the filter: false where there was no value. */
  Expression filter() {
    Expression filter = Expressions.alwaysFalse();
    if (!values.isEmpty()) {
      filter = listed && !isFloating(type) && isLiteral(type) ? in() : between();
    }
    return nan ? Expressions.or(filter, Expressions.isNaN(column)) : filter;
  }

  private Expression in() {
    return values.size() == 1
        ? Expressions.equal(column, values.first())
        : Expressions.in(column, values.toArray());
  }

  private Expression between() {
    return isLiteral(type)
        ? Expressions.and(
            Expressions.greaterThanOrEqual(column, values.first()),
            Expressions.lessThanOrEqual(column, values.last()))
        : Expressions.notNull(column);
  }

  /** A filter that is true where the column has this value, or null, and maybe of other rows. */
  static Expression is(String column, Type type, @Nullable Object value) {
    if (value == null) {
      return Expressions.isNull(column);
    }
    KeyFilter one = new KeyFilter(column, type);
    one.add(value);
    return one.filter();
  }

  private static boolean isFloating(Type type) {
    return type.typeId() == TypeID.FLOAT || type.typeId() == TypeID.DOUBLE;
  }

  /** Iceberg takes a long for microseconds, also where the column counts nanoseconds. */
  private static boolean isLiteral(Type type) {
    return type.typeId() != TypeID.TIMESTAMP_NANO;
  }
}
