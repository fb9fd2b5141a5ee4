package dev.firn.scan.metadata;

import dev.firn.testing.TruthFilter;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/** Random filters on columns of metadata tables, each with its truth. */
final class MetadataFilter {
  private MetadataFilter() {}

  /** A column that can be compared: where it is in a plain row, and values to compare it with. */
  record Leaf(String name, Function<List<Object>, Object> value, List<Object> literals) {}

  static TruthFilter<List<Object>> of(Random random, List<Leaf> leaves, int depth) {
    return TruthFilter.of(
        random, depth, () -> predicate(random, leaves.get(random.nextInt(leaves.size()))));
  }

  private static TruthFilter<List<Object>> predicate(Random random, Leaf leaf) {
    List<Object> literals = leaf.literals();
    int kinds = literals.isEmpty() ? 2 : literals.get(0) instanceof Boolean ? 4 : TruthFilter.KINDS;
    int kind = random.nextInt(kinds);
    TruthFilter.Column<List<Object>> column =
        new TruthFilter.Column<>(leaf.name(), leaf.value(), MetadataFilter::order);
    return kind < 2
        ? column.predicate(kind, "", "")
        : column.predicate(
            kind,
            literals.get(random.nextInt(literals.size())),
            literals.get(random.nextInt(literals.size())));
  }

  @SuppressWarnings("unchecked") // values of one column are of one type
  private static int order(Object left, Object right) {
    return ((Comparable<Object>) left).compareTo(right);
  }
}
