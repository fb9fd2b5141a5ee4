package dev.firn.catalog.commit;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Evaluator;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.InclusiveMetricsEvaluator;
import org.apache.iceberg.expressions.Projections;

/** Tells whether a file may hold rows that a filter matches; in doubt it may. Confined. */
final class ReadMatcher {
  private final Expression filter;
  private final Map<Integer, PartitionSpec> specs;
  private final InclusiveMetricsEvaluator metrics;
  private final Map<Integer, Evaluator> partitions = new HashMap<>();

  ReadMatcher(Expression filter, Schema schema, Map<Integer, PartitionSpec> specs) {
    this.filter = filter;
    this.specs = specs;
    this.metrics = new InclusiveMetricsEvaluator(schema, filter);
  }

  boolean matchesRows(DataFile file) {
    return matchesPartition(file) && metrics.eval(file);
  }

  boolean matchesPartition(ContentFile<?> file) {
    return partitions.computeIfAbsent(file.specId(), this::evaluator).eval(file.partition());
  }

  private Evaluator evaluator(int specId) {
    PartitionSpec spec = Objects.requireNonNull(specs.get(specId));
    Expression projected =
        spec.isUnpartitioned()
            ? nothingOrEverything()
            : Projections.inclusive(spec).project(filter);
    return new Evaluator(spec.partitionType(), projected);
  }

  private Expression nothingOrEverything() {
    return filter.op() == Expression.Operation.FALSE
        ? Expressions.alwaysFalse()
        : Expressions.alwaysTrue();
  }
}
