package dev.firn.format.parquet.filter;

import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.And;
import org.apache.iceberg.expressions.Evaluator;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Not;
import org.apache.iceberg.expressions.Or;
import org.apache.iceberg.expressions.UnboundPredicate;
import org.apache.iceberg.types.Types.StructType;

/**
 * What a filter means, straight from the definition: Kleene's logic over the expression as it is,
 * negation included, with Iceberg's own evaluator for each predicate over a value that is there.
 */
public final class RowWise {
  private final StructType struct;
  private final InternalRecordWrapper wrapper;

  public RowWise(Schema schema) {
    struct = schema.asStruct();
    wrapper = new InternalRecordWrapper(struct);
  }

  public boolean passes(Expression filter, Record row) {
    return Boolean.TRUE.equals(truth(filter, wrapper.wrap(row)));
  }

  /** Null is unknown. */
  private Boolean truth(Expression filter, StructLike row) {
    return switch (filter.op()) {
      case TRUE -> true;
      case FALSE -> false;
      case NOT -> {
        Boolean child = truth(((Not) filter).child(), row);
        yield child == null ? null : !child;
      }
      case AND ->
          both(truth(((And) filter).left(), row), truth(((And) filter).right(), row), false);
      case OR -> both(truth(((Or) filter).left(), row), truth(((Or) filter).right(), row), true);
      default -> predicate((UnboundPredicate<?>) filter, row);
    };
  }

  private static Boolean both(Boolean left, Boolean right, boolean dominant) {
    if ((left != null && left == dominant) || (right != null && right == dominant)) {
      return dominant;
    }
    return left == null || right == null ? null : (Boolean) !dominant;
  }

  private Boolean predicate(UnboundPredicate<?> predicate, StructLike row) {
    Object value = predicate.term().bind(struct, true).eval(row);
    return switch (predicate.op()) {
      case IS_NULL -> value == null;
      case NOT_NULL -> value != null;
      default -> value == null ? null : (Boolean) new Evaluator(struct, predicate).eval(row);
    };
  }
}
