package dev.firn.scan;

import java.util.Set;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.expressions.Binder;
import org.apache.iceberg.expressions.Bound;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.ExpressionVisitors;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.expressions.UnboundPredicate;
import org.apache.iceberg.types.Types.StructType;
import org.apache.iceberg.util.NaNUtil;
import org.jspecify.annotations.Nullable;

/**
 * A row filter with SQL's three-valued logic: a row passes where the filter is true, not where it
 * is unknown. Iceberg's own {@code Evaluator} is two-valued and lets null pass {@code notEqual},
 * {@code notIn} and {@code notStartsWith}. Values compare as Iceberg's comparators order them: NaN
 * above every other number. Confined to one thread.
 *
 * <p>How it works: negation is pushed down to the predicates first, where three-valued logic obeys
 * De Morgan; what remains is conjunction and disjunction, which never turn unknown into true. So
 * each predicate may answer false where it is unknown.
 */
public final class RowFilter {
  private final Expression bound;
  private final boolean everything;
  private final Visitor visitor = new Visitor();

  private RowFilter(Expression bound) {
    this.bound = bound;
    this.everything = bound.op() == Expression.Operation.TRUE;
  }

  /** Binds a filter by name; fails as Iceberg's binder fails. */
  public static RowFilter bind(StructType struct, Expression filter) {
    Expression positive = Expressions.rewriteNot(filter);
    return new RowFilter(ExpressionVisitors.visit(positive, new Binding(struct)));
  }

  /** Whether every row passes. */
  public boolean isTrue() {
    return everything;
  }

  /** Whether the row, in Iceberg's internal representation, passes. */
  public boolean matches(StructLike row) {
    visitor.row = row;
    return ExpressionVisitors.visitEvaluator(bound, visitor);
  }

  /** Binds predicates, and keeps those that hold for every value from holding for null too. */
  private static final class Binding extends RebuildingVisitor {
    private final StructType struct;

    Binding(StructType struct) {
      this.struct = struct;
    }

    @Override
    public <T> Expression predicate(UnboundPredicate<T> predicate) {
      Expression result = predicate.bind(struct, true);
      boolean comparesValues = predicate.literals() != null && !predicate.literals().isEmpty();
      if (result.op() == Expression.Operation.TRUE && comparesValues) {
        // `int_column < 3e9` binds to true, yet is unknown for null.
        return Binder.bind(
            struct, Expressions.predicate(Expression.Operation.NOT_NULL, predicate.term()), true);
      }
      return result;
    }
  }

  private static final class Visitor extends ExpressionVisitors.BoundVisitor<Boolean> {
    private @Nullable StructLike row;

    @Override
    public Boolean alwaysTrue() {
      return true;
    }

    @Override
    public Boolean alwaysFalse() {
      return false;
    }

    @Override
    public Boolean and(Boolean left, Boolean right) {
      return left && right;
    }

    @Override
    public Boolean or(Boolean left, Boolean right) {
      return left || right;
    }

    @Override
    public <T> Boolean isNull(Bound<T> term) {
      return term.eval(row) == null;
    }

    @Override
    public <T> Boolean notNull(Bound<T> term) {
      return term.eval(row) != null;
    }

    @Override
    public <T> Boolean isNaN(Bound<T> term) {
      T value = term.eval(row);
      return value != null && NaNUtil.isNaN(value);
    }

    @Override
    public <T> Boolean notNaN(Bound<T> term) {
      T value = term.eval(row);
      return value != null && !NaNUtil.isNaN(value);
    }

    @Override
    public <T> Boolean lt(Bound<T> term, Literal<T> literal) {
      T value = term.eval(row);
      return value != null && literal.comparator().compare(value, literal.value()) < 0;
    }

    @Override
    public <T> Boolean ltEq(Bound<T> term, Literal<T> literal) {
      T value = term.eval(row);
      return value != null && literal.comparator().compare(value, literal.value()) <= 0;
    }

    @Override
    public <T> Boolean gt(Bound<T> term, Literal<T> literal) {
      T value = term.eval(row);
      return value != null && literal.comparator().compare(value, literal.value()) > 0;
    }

    @Override
    public <T> Boolean gtEq(Bound<T> term, Literal<T> literal) {
      T value = term.eval(row);
      return value != null && literal.comparator().compare(value, literal.value()) >= 0;
    }

    @Override
    public <T> Boolean eq(Bound<T> term, Literal<T> literal) {
      T value = term.eval(row);
      return value != null && literal.comparator().compare(value, literal.value()) == 0;
    }

    @Override
    public <T> Boolean notEq(Bound<T> term, Literal<T> literal) {
      T value = term.eval(row);
      return value != null && literal.comparator().compare(value, literal.value()) != 0;
    }

    @Override
    public <T> Boolean in(Bound<T> term, Set<T> literals) {
      T value = term.eval(row);
      return value != null && literals.contains(value);
    }

    @Override
    public <T> Boolean notIn(Bound<T> term, Set<T> literals) {
      T value = term.eval(row);
      return value != null && !literals.contains(value);
    }

    @Override
    public <T> Boolean startsWith(Bound<T> term, Literal<T> literal) {
      T value = term.eval(row);
      return value != null && value.toString().startsWith(literal.value().toString());
    }

    @Override
    public <T> Boolean notStartsWith(Bound<T> term, Literal<T> literal) {
      T value = term.eval(row);
      return value != null && !value.toString().startsWith(literal.value().toString());
    }
  }
}
