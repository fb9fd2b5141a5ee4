package dev.firn.change;

import java.util.Set;
import java.util.function.Predicate;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expression.Operation;
import org.apache.iceberg.expressions.ExpressionVisitors;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.UnboundPredicate;

/**
 * What a filter may be used for, beyond filtering.
 *
 * @param onColumns whether it is on columns of the table alone, which the commit's conflict check
 *     needs
 * @param nullSafe whether Iceberg's two-valued evaluation of it agrees with SQL's: it takes {@code
 *     !=}, {@code not in}, {@code not starts with} and {@code not NaN} as true for null
 */
record FilterTraits(boolean onColumns, boolean nullSafe) {
  private static final Set<Operation> FALSE_FOR_NULL =
      Set.of(Operation.NOT_EQ, Operation.NOT_IN, Operation.NOT_STARTS_WITH, Operation.NOT_NAN);

  static FilterTraits of(Expression filter) {
    return new FilterTraits(
        all(filter, p -> !MetadataColumns.isMetadataColumn(p.ref().name())),
        all(filter, p -> !FALSE_FOR_NULL.contains(p.op())));
  }

  private static boolean all(Expression filter, Predicate<UnboundPredicate<?>> test) {
    return ExpressionVisitors.visit(
        Expressions.rewriteNot(filter),
        new ExpressionVisitors.ExpressionVisitor<>() {
          @Override
          public Boolean alwaysTrue() {
            return true;
          }

          @Override
          public Boolean alwaysFalse() {
            return true;
          }

          @Override
          public Boolean and(Boolean left, Boolean right) {
            return left && right;
          }

          @Override
          public Boolean or(Boolean left, Boolean right) {
            return left && right;
          }

          @Override
          public <T> Boolean predicate(UnboundPredicate<T> predicate) {
            return test.test(predicate);
          }
        });
  }
}
