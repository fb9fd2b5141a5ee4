package dev.firn.format.parquet.filter;

import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.expressions.BoundLiteralPredicate;
import org.apache.iceberg.expressions.BoundPredicate;
import org.apache.iceberg.expressions.BoundSetPredicate;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.NaNUtil;
import org.jspecify.annotations.Nullable;

/**
 * Any predicate, row by row, by Iceberg's own term: transforms, and literals that no vector could
 * hold.
 */
final class TermTest<T> implements RowTest {
  private final BoundPredicate<T> predicate;
  private final List<NestedField> columns;
  private final int asked;
  private RowView view = new RowView(List.of(), List.of());
  private int rows;

  /** {@code asked} is the position among {@code columns} of the column that the term looks at. */
  TermTest(BoundPredicate<T> predicate, List<NestedField> columns, int asked) {
    this.predicate = predicate;
    this.columns = columns;
    this.asked = asked;
  }

  @Override
  public void load(VectorSchemaRoot batch, int rowCount) {
    rows = rowCount;
    List<@Nullable FieldVector> vectors = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      vectors.add(i == asked ? batch.getVector(columns.get(i).name()) : null);
    }
    view = new RowView(columns, vectors);
  }

  @Override
  public void retain(long[] keep) {
    for (int i = 0; i < RowTest.words(rows); i++) {
      long passed = 0;
      for (long left = keep[i]; left != 0; left &= left - 1) {
        view.moveTo((i << 6) + Long.numberOfTrailingZeros(left));
        if (passes(predicate.term().eval(view))) {
          passed |= left & -left;
        }
      }
      keep[i] = passed;
    }
  }

  private boolean passes(@Nullable T value) {
    if (value == null) {
      return predicate.op() == org.apache.iceberg.expressions.Expression.Operation.IS_NULL;
    }
    return switch (predicate.op()) {
      case IS_NULL -> false;
      case NOT_NULL -> true;
      case IS_NAN -> NaNUtil.isNaN(value);
      case NOT_NAN -> !NaNUtil.isNaN(value);
      case IN -> members().contains(value);
      case NOT_IN -> !members().contains(value);
      case STARTS_WITH -> startsWith(value);
      case NOT_STARTS_WITH -> !startsWith(value);
      default -> compares(value);
    };
  }

  private java.util.Set<T> members() {
    return ((BoundSetPredicate<T>) predicate).literalSet();
  }

  private boolean startsWith(T value) {
    BoundLiteralPredicate<T> prefix = (BoundLiteralPredicate<T>) predicate;
    return value.toString().startsWith(prefix.literal().value().toString());
  }

  private boolean compares(T value) {
    BoundLiteralPredicate<T> comparison = (BoundLiteralPredicate<T>) predicate;
    int order = comparison.literal().comparator().compare(value, comparison.literal().value());
    return switch (predicate.op()) {
      case LT -> order < 0;
      case LT_EQ -> order <= 0;
      case GT -> order > 0;
      case GT_EQ -> order >= 0;
      case EQ -> order == 0;
      case NOT_EQ -> order != 0;
      default -> throw new IllegalStateException("Not a comparison: " + predicate);
    };
  }
}
