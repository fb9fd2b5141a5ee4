package dev.firn.format.parquet.proof;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Binder;
import org.apache.iceberg.expressions.BoundReference;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.ExpressionVisitors;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.types.Comparators;

/**
 * The meaning of a filter, written down once more and slowly: SQL's three values, null for unknown,
 * over one record at a time. Iceberg's own evaluator is two-valued and takes unknown for true in
 * places.
 */
final class ThreeValued extends ExpressionVisitors.BoundExpressionVisitor<Boolean> {
  private final Expression bound;
  private final InternalRecordWrapper wrapper;
  private StructLike row;

  ThreeValued(Schema schema, Expression filter) {
    this.bound = Binder.bind(schema.asStruct(), filter, true);
    this.wrapper = new InternalRecordWrapper(schema.asStruct());
  }

  /** Whether the filter is true of the record. */
  boolean holds(Record record) {
    row = wrapper.wrap(record);
    return Boolean.TRUE.equals(ExpressionVisitors.visit(bound, this));
  }

  /** The records of which the filter is true. */
  static List<Record> filter(Schema schema, Expression filter, List<Record> rows) {
    ThreeValued test = new ThreeValued(schema, filter);
    return rows.stream().filter(test::holds).toList();
  }

  /** The test of a value and a literal; unknown where there is no value. */
  private <T> Boolean compare(BoundReference<T> ref, Literal<T> literal, IntPredicate test) {
    T value = ref.eval(row);
    if (value == null) {
      return null;
    }
    Comparator<T> order = Comparators.forType(ref.type().asPrimitiveType());
    return test.test(order.compare(value, literal.value()));
  }

  @Override
  public Boolean alwaysTrue() {
    return true;
  }

  @Override
  public Boolean alwaysFalse() {
    return false;
  }

  @Override
  public Boolean not(Boolean result) {
    return result == null ? null : !result;
  }

  @Override
  public Boolean and(Boolean left, Boolean right) {
    if (Boolean.FALSE.equals(left) || Boolean.FALSE.equals(right)) {
      return false;
    }
    return left == null || right == null ? null : Boolean.TRUE;
  }

  @Override
  public Boolean or(Boolean left, Boolean right) {
    return not(and(not(left), not(right)));
  }

  @Override
  public <T> Boolean isNull(BoundReference<T> ref) {
    return ref.eval(row) == null;
  }

  @Override
  public <T> Boolean notNull(BoundReference<T> ref) {
    return ref.eval(row) != null;
  }

  @Override
  public <T> Boolean isNaN(BoundReference<T> ref) {
    T value = ref.eval(row);
    return value == null ? null : (Boolean) (value.equals(Float.NaN) || value.equals(Double.NaN));
  }

  @Override
  public <T> Boolean notNaN(BoundReference<T> ref) {
    return not(isNaN(ref));
  }

  @Override
  public <T> Boolean lt(BoundReference<T> ref, Literal<T> literal) {
    return compare(ref, literal, order -> order < 0);
  }

  @Override
  public <T> Boolean ltEq(BoundReference<T> ref, Literal<T> literal) {
    return compare(ref, literal, order -> order <= 0);
  }

  @Override
  public <T> Boolean gt(BoundReference<T> ref, Literal<T> literal) {
    return compare(ref, literal, order -> order > 0);
  }

  @Override
  public <T> Boolean gtEq(BoundReference<T> ref, Literal<T> literal) {
    return compare(ref, literal, order -> order >= 0);
  }

  @Override
  public <T> Boolean eq(BoundReference<T> ref, Literal<T> literal) {
    return compare(ref, literal, order -> order == 0);
  }

  @Override
  public <T> Boolean notEq(BoundReference<T> ref, Literal<T> literal) {
    return compare(ref, literal, order -> order != 0);
  }

  @Override
  public <T> Boolean in(BoundReference<T> ref, Set<T> literals) {
    T value = ref.eval(row);
    return value == null ? null : (Boolean) literals.contains(value);
  }

  @Override
  public <T> Boolean notIn(BoundReference<T> ref, Set<T> literals) {
    return not(in(ref, literals));
  }

  @Override
  public <T> Boolean startsWith(BoundReference<T> ref, Literal<T> literal) {
    T value = ref.eval(row);
    return value == null ? null : (Boolean) value.toString().startsWith(literal.value().toString());
  }

  @Override
  public <T> Boolean notStartsWith(BoundReference<T> ref, Literal<T> literal) {
    return not(startsWith(ref, literal));
  }
}
