package dev.firn.change;

import dev.firn.scan.RebuildingVisitor;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.ExpressionVisitors;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.NamedReference;
import org.apache.iceberg.expressions.UnboundPredicate;

/** Makes a filter of the target's rows of a merge's condition. Stateless. */
final class TargetFilter {
  private static final String PREFIX = "target.";

  private TargetFilter() {}

  /** Returns a filter on the target's columns that is true wherever the condition is. */
  static Expression of(Schema target, Expression condition) {
    return ExpressionVisitors.visit(Expressions.rewriteNot(condition), new Visitor(target));
  }

  private static final class Visitor extends RebuildingVisitor {
    private final Schema target;

    Visitor(Schema target) {
      this.target = target;
    }

    @Override
    public <T> Expression predicate(UnboundPredicate<T> predicate) {
      if (!(predicate.term() instanceof NamedReference<T> reference)) {
        return Expressions.alwaysTrue();
      }
      String name = reference.name();
      if (!name.startsWith(PREFIX)) {
        return !name.startsWith("source.") && target.findField(name) != null
            ? predicate
            : Expressions.alwaysTrue();
      }
      String own = name.substring(PREFIX.length());
      return target.findField(own) == null ? Expressions.alwaysTrue() : renamed(predicate, own);
    }

    private static <T> Expression renamed(UnboundPredicate<T> predicate, String name) {
      if (predicate.literals() == null || predicate.literals().isEmpty()) {
        return Expressions.predicate(predicate.op(), Expressions.<T>ref(name));
      }
      return predicate.literals().size() == 1
          ? Expressions.predicate(predicate.op(), name, predicate.literals().get(0))
          : Expressions.alwaysTrue();
    }
  }
}
