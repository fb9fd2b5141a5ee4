package dev.firn.format.parquet.filter;

import java.util.Arrays;
import java.util.List;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Conjunction, disjunction and the constants. */
final class Junctions {
  /** True for every row. */
  static final RowTest TRUE = new Constant(true);

  /** True for no row. */
  static final RowTest FALSE = new Constant(false);

  private Junctions() {}

  static RowTest and(RowTest left, RowTest right) {
    if (left == FALSE || right == FALSE) {
      return FALSE;
    }
    if (left == TRUE) {
      return right;
    }
    return right == TRUE ? left : new And(List.of(left, right));
  }

  static RowTest or(RowTest left, RowTest right) {
    if (left == TRUE || right == TRUE) {
      return TRUE;
    }
    if (left == FALSE) {
      return right;
    }
    return right == FALSE ? left : new Or(left, right);
  }

  private record Constant(boolean value) implements RowTest {
    @Override
    public void load(VectorSchemaRoot batch, int rows) {}

    @Override
    public void retain(long[] keep) {
      if (!value) {
        Arrays.fill(keep, 0L);
      }
    }
  }

  private record And(List<RowTest> parts) implements RowTest {
    @Override
    public void load(VectorSchemaRoot batch, int rows) {
      parts.forEach(part -> part.load(batch, rows));
    }

    @Override
    public void retain(long[] keep) {
      // Tests pass over words without a bit, so the second looks at rows that the first kept.
      parts.forEach(part -> part.retain(keep));
    }
  }

  private static final class Or implements RowTest {
    private final RowTest left;
    private final RowTest right;
    private long[] open = new long[0];
    private int words;

    Or(RowTest left, RowTest right) {
      this.left = left;
      this.right = right;
    }

    @Override
    public void load(VectorSchemaRoot batch, int rows) {
      left.load(batch, rows);
      right.load(batch, rows);
      words = RowTest.words(rows);
      if (open.length < words) {
        open = new long[words];
      }
    }

    @Override
    public void retain(long[] keep) {
      System.arraycopy(keep, 0, open, 0, words);
      left.retain(keep);
      for (int i = 0; i < words; i++) {
        open[i] &= ~keep[i];
      }
      right.retain(open);
      for (int i = 0; i < words; i++) {
        keep[i] |= open[i];
      }
    }
  }
}
