package dev.firn.format.parquet.filter;

import dev.firn.storage.RangeReader;
import java.util.Map;
import java.util.function.LongPredicate;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.BoundPredicate;
import org.apache.iceberg.expressions.BoundReference;
import org.apache.iceberg.expressions.Expression;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.hadoop.metadata.BlockMetaData;

/**
 * Rules out row groups and pages of one file for a filter. A row that could match is never ruled
 * out: what is not known, or not comparable in the wanted type, may match. Confined to one thread.
 */
public final class RowGroupPruner {
  /**
   * What pruning may use.
   *
   * @param statistics of row groups
   * @param dictionaries where all pages of a chunk use one
   * @param bloomFilters where the file has them
   * @param pageIndexes column and offset indexes
   */
  public record Means(
      boolean statistics, boolean dictionaries, boolean bloomFilters, boolean pageIndexes) {
    public static final Means ALL = new Means(true, true, true, true);
    public static final Means NONE = new Means(false, false, false, false);
  }

  private final Clause filter;
  private final Means means;

  /**
   * Binds {@code filter} by name against {@code schema} (the wanted, evolved one). {@code stored}
   * maps the field ids of primitive leaves to the file's columns; a field that it lacks (absent
   * from the file, constant, metadata) rules nothing out.
   */
  public RowGroupPruner(
      Schema schema, Expression filter, Map<Integer, ColumnDescriptor> stored, Means means) {
    this.filter = new Binding(schema, stored).bind(filter);
    this.means = means;
  }

  /**
   * The rows of the row group that may match. Reads indexes, dictionaries and bloom filters from
   * {@code file} only where statistics leave the answer open. A damaged index or bloom filter rules
   * nothing out or is {@code CORRUPT}, and never loses a row.
   */
  public RowRanges mayMatch(
      String location,
      int rowGroup,
      BlockMetaData block,
      RangeReader file,
      BufferAllocator allocator) {
    return mayMatch(location, rowGroup, block, file, position -> true, allocator);
  }

  /**
   * As {@link #mayMatch(String, int, BlockMetaData, RangeReader, BufferAllocator)}, where only what
   * lies at positions that are {@code near} is read for next to nothing: the dictionary of a small
   * chunk elsewhere is not worth its request.
   */
  public RowRanges mayMatch(
      String location,
      int rowGroup,
      BlockMetaData block,
      RangeReader file,
      LongPredicate near,
      BufferAllocator allocator) {
    GroupEvidence evidence =
        new GroupEvidence(
            new GroupEvidence.Source(location, file, near), rowGroup, block, allocator, means);
    return filter.mayMatch(evidence::mayMatch)
        ? filter.rows(block.getRowCount(), evidence::rows)
        : RowRanges.none();
  }

  private static final class Binding extends FilterBinding<Clause> {
    private final Map<Integer, ColumnDescriptor> stored;

    Binding(Schema schema, Map<Integer, ColumnDescriptor> stored) {
      super(schema);
      this.stored = stored;
    }

    @Override
    public Clause alwaysTrue() {
      return new Clause.Anything();
    }

    @Override
    public Clause alwaysFalse() {
      return new Clause.Nothing();
    }

    @Override
    public Clause and(Clause left, Clause right) {
      return Clause.and(left, right);
    }

    @Override
    public Clause or(Clause left, Clause right) {
      return Clause.or(left, right);
    }

    @Override
    Clause bound(BoundPredicate<?> predicate) {
      ColumnDescriptor column = stored.get(predicate.ref().fieldId());
      if (column == null
          || column.getMaxRepetitionLevel() > 0
          || !predicate.ref().type().isPrimitiveType()
          || !(predicate.term() instanceof BoundReference<?>)) {
        return new Clause.Anything();
      }
      return new Clause.Leaf(ColumnClause.of(predicate, column));
    }
  }
}
