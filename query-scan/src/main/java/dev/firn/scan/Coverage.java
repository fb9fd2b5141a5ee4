package dev.firn.scan;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Evaluator;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.ExpressionVisitors;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.NamedReference;
import org.apache.iceberg.expressions.Projections;
import org.apache.iceberg.expressions.StrictMetricsEvaluator;
import org.apache.iceberg.expressions.UnboundPredicate;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Type.TypeID;

/**
 * Whether a filter is surely true of every row of a data file, by its partition and its column
 * statistics. Confined to one thread.
 *
 * <p>Iceberg's strict evaluation is two-valued and takes numbers of NaN that are unknown for zero:
 * so every comparison is asked along with {@code notNull}, and nothing is sure of floating point,
 * nor of UUIDs, of which there are two orders.
 */
final class Coverage implements Predicate<DataFile> {
  private final Predicate<DataFile> test;

  /** {@code planned} is the schema that the files' statistics are looked up in. */
  Coverage(Table table, Schema planned, ScanFilter filter) {
    this.test = ExpressionVisitors.visit(filter.expression(), new Tests(table, planned, filter));
  }

  @Override
  public boolean test(DataFile file) {
    return test.test(file);
  }

  private static final class Tests
      extends ExpressionVisitors.ExpressionVisitor<Predicate<DataFile>> {
    private final Table table;
    private final Schema planned;
    private final ScanFilter filter;

    Tests(Table table, Schema planned, ScanFilter filter) {
      this.table = table;
      this.planned = planned;
      this.filter = filter;
    }

    @Override
    public Predicate<DataFile> alwaysTrue() {
      return file -> true;
    }

    @Override
    public Predicate<DataFile> alwaysFalse() {
      return file -> false;
    }

    @Override
    public Predicate<DataFile> and(Predicate<DataFile> left, Predicate<DataFile> right) {
      return left.and(right);
    }

    @Override
    public Predicate<DataFile> or(Predicate<DataFile> left, Predicate<DataFile> right) {
      return left.or(right);
    }

    @Override
    public <T> Predicate<DataFile> predicate(UnboundPredicate<T> predicate) {
      if (!(predicate.term() instanceof NamedReference)) {
        return alwaysFalse();
      }
      Expression asked =
          filter.translated(
              predicate, planned, (there, type) -> surely(there, type), Expressions.alwaysFalse());
      return asked.op() == Expression.Operation.FALSE ? alwaysFalse() : leaf(asked);
    }

    private static Expression surely(UnboundPredicate<?> predicate, Type type) {
      boolean floating = type.typeId() == TypeID.FLOAT || type.typeId() == TypeID.DOUBLE;
      boolean sure = !floating && type.typeId() != TypeID.UUID;
      return switch (predicate.op()) {
        case IS_NULL, NOT_NULL -> predicate;
        default ->
            sure
                ? Expressions.and(Expressions.notNull(predicate.ref().name()), predicate)
                : Expressions.alwaysFalse();
      };
    }

    private Predicate<DataFile> leaf(Expression asked) {
      StrictMetricsEvaluator byStatistics = new StrictMetricsEvaluator(planned, asked);
      // Specs are bound to the current schema, where the names may be others.
      boolean specsFit = planned.schemaId() == table.schema().schemaId();
      Map<Integer, Evaluator> byPartition = new HashMap<>();
      return file ->
          byStatistics.eval(file)
              || (specsFit
                  && byPartition
                      .computeIfAbsent(file.specId(), id -> partitions(id, asked))
                      .eval(file.partition()));
    }

    private Evaluator partitions(int specId, Expression asked) {
      PartitionSpec spec = Objects.requireNonNull(table.specs().get(specId));
      return new Evaluator(spec.partitionType(), Projections.strict(spec).project(asked));
    }
  }
}
