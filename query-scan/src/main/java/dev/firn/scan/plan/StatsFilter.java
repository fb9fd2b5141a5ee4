package dev.firn.scan.plan;

import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.And;
import org.apache.iceberg.expressions.Binder;
import org.apache.iceberg.expressions.BoundPredicate;
import org.apache.iceberg.expressions.BoundReference;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.InclusiveMetricsEvaluator;
import org.apache.iceberg.expressions.Or;
import org.apache.iceberg.types.Type;

/**
 * A filter on rows, evaluated over the statistics of all files of a chunk: Iceberg's {@code
 * InclusiveMetricsEvaluator}, by columns. What is rare among predicates is left to that, file by
 * file. Immutable.
 */
final class StatsFilter {
  /** Part of the filter. */
  private sealed interface Node {
    /** What is left of the candidates; the set that is passed is not changed. */
    long[] matching(Manifest manifest, Chunk chunk, long[] candidates);
  }

  private record Constant(boolean value) implements Node {
    @Override
    public long[] matching(Manifest manifest, Chunk chunk, long[] candidates) {
      return value ? candidates : new long[candidates.length];
    }
  }

  private record Both(Node left, Node right) implements Node {
    @Override
    public long[] matching(Manifest manifest, Chunk chunk, long[] candidates) {
      long[] some = left.matching(manifest, chunk, candidates);
      return Bits.isEmpty(some) ? some : right.matching(manifest, chunk, some);
    }
  }

  private record Either(Node left, Node right) implements Node {
    @Override
    public long[] matching(Manifest manifest, Chunk chunk, long[] candidates) {
      long[] some = left.matching(manifest, chunk, candidates);
      long[] rest = new long[some.length];
      for (int i = 0; i < rest.length; i++) {
        rest[i] = candidates[i] & ~some[i];
      }
      if (Bits.isEmpty(rest)) {
        return some;
      }
      long[] others = right.matching(manifest, chunk, rest);
      long[] all = new long[some.length];
      for (int i = 0; i < all.length; i++) {
        all[i] = some[i] | others[i];
      }
      return all;
    }
  }

  private record ByColumns(StatsPredicate predicate) implements Node {
    @Override
    public long[] matching(Manifest manifest, Chunk chunk, long[] candidates) {
      return predicate.matching(chunk, candidates);
    }
  }

  private record ByFile(InclusiveMetricsEvaluator evaluator) implements Node {
    @Override
    public long[] matching(Manifest manifest, Chunk chunk, long[] candidates) {
      long[] kept = new long[candidates.length];
      for (int row = Bits.next(candidates, 0); row >= 0; row = Bits.next(candidates, row + 1)) {
        if (evaluator.eval(
            new PlannedDataFile(manifest, chunk, row, PartitionTuple.EMPTY, PlannedFile.ALL))) {
          Bits.set(kept, row);
        }
      }
      return kept;
    }
  }

  private final Node root;
  private final boolean keepsAll;

  private StatsFilter(Node root, boolean keepsAll) {
    this.root = root;
    this.keepsAll = keepsAll;
  }

  /** Binds the filter to the schema, by names with their case. */
  static StatsFilter of(Schema schema, Expression filter) {
    return new StatsFilter(
        node(schema, Expressions.rewriteNot(filter)), filter == Expressions.alwaysTrue());
  }

  private static Node node(Schema schema, Expression filter) {
    if (filter instanceof And and) {
      return new Both(node(schema, and.left()), node(schema, and.right()));
    } else if (filter instanceof Or or) {
      return new Either(node(schema, or.left()), node(schema, or.right()));
    }
    Expression bound = Binder.bind(schema.asStruct(), filter, true);
    if (bound == Expressions.alwaysTrue() || bound == Expressions.alwaysFalse()) {
      return new Constant(bound == Expressions.alwaysTrue());
    }
    if (bound instanceof BoundPredicate<?> predicate
        && !predicate.isUnaryPredicate()
        && predicate.term().type().typeId() == Type.TypeID.UUID) {
      // Bounds of Parquet files are in the order of bytes, Iceberg's own in that of signed halves.
      return new Constant(true);
    }
    if (bound instanceof BoundPredicate<?> predicate
        && predicate.term() instanceof BoundReference<?> reference
        && StatsPredicate.supports(predicate.op(), reference.type())) {
      return new ByColumns(
          new StatsPredicate(
              predicate.op(), reference.fieldId(), reference.type(), literals(predicate)));
    }
    return new ByFile(new InclusiveMetricsEvaluator(schema, filter));
  }

  private static List<?> literals(BoundPredicate<?> predicate) {
    if (predicate.isLiteralPredicate()) {
      return List.of(predicate.asLiteralPredicate().literal().value());
    }
    return predicate.isSetPredicate()
        ? new ArrayList<>(predicate.asSetPredicate().literalSet())
        : List.of();
  }

  /** Whether there is no filter, so that files without rows are kept too. */
  boolean keepsAll() {
    return keepsAll;
  }

  /** What is left of the candidates; the set that is passed is not changed. */
  long[] matching(Manifest manifest, Chunk chunk, long[] candidates) {
    LongColumn records = chunk.longs().get(LongField.RECORD_COUNT);
    if (records == null || records.min() > 0) {
      return root.matching(manifest, chunk, candidates);
    }
    // A file without rows matches nothing; one that does not know how many it has may match.
    long[] known = new long[candidates.length];
    long[] unknown = new long[candidates.length];
    for (int row = Bits.next(candidates, 0); row >= 0; row = Bits.next(candidates, row + 1)) {
      long count = records.get(row);
      if (count != 0) {
        Bits.set(count > 0 ? known : unknown, row);
      }
    }
    long[] kept = root.matching(manifest, chunk, known);
    for (int i = 0; i < kept.length; i++) {
      unknown[i] |= kept[i];
    }
    return unknown;
  }
}
