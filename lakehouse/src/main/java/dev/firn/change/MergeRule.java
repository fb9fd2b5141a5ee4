package dev.firn.change;

import dev.firn.error.FirnException;
import dev.firn.format.arrow.ArrowRows;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;

/** Merges the rows of a source into a table. Confined to one thread; borrows the source. */
final class MergeRule implements RowRule {
  private final String table;
  private final SourceRows source;
  private final Schema keys;
  private final Schema columns;
  private final int[] keysAlone;
  private final int[] keysInRow;
  private final Expression filter;
  private final List<BoundClause> matched = new ArrayList<>();
  private final List<BoundClause> notMatched = new ArrayList<>();
  private final List<BoundClause> bySource = new ArrayList<>();
  private final boolean updates;

  /**
   * @param target the columns of the table
   * @param written those of the rows that are written
   */
  MergeRule(String table, Schema target, Schema written, MergePlan plan, SourceRows source) {
    this.table = table;
    this.source = source;
    PairSchema pair = new PairSchema(target, source.schema());
    plan.matched().forEach(c -> matched.add(bind(c, target, written, pair)));
    plan.notMatched().forEach(c -> notMatched.add(bind(c, target, written, pair)));
    plan.bySource().forEach(c -> bySource.add(bind(c, target, written, pair)));
    this.keys = new Schema(plan.on().stream().map(target.asStruct()::field).toList());
    this.keysAlone = plan.on().stream().mapToInt(n -> position(keys, n)).toArray();
    this.keysInRow = plan.on().stream().mapToInt(n -> position(target, n)).toArray();
    List<Clause> changing =
        Stream.concat(plan.matched().stream(), plan.bySource().stream()).toList();
    this.updates = changing.stream().anyMatch(Clause::writes);
    this.columns = changing.stream().allMatch(Clause::isUnconditional) ? keys : written;
    this.filter = filter(plan, target, source);
  }

  private BoundClause bind(Clause clause, Schema target, Schema written, PairSchema pair) {
    return BoundClause.of(table, clause, target, written, source.schema(), pair);
  }

  private static int position(Schema schema, String name) {
    return schema.columns().indexOf(schema.asStruct().field(name));
  }

  /** What may match, and what may change though it does not. */
  private static Expression filter(MergePlan plan, Schema target, SourceRows source) {
    Expression all = source.filter();
    for (Clause clause : plan.bySource()) {
      Expression when = clause.when();
      all =
          Expressions.or(
              all, when == null ? Expressions.alwaysTrue() : TargetFilter.of(target, when));
    }
    return all;
  }

  @Override
  public Expression filter() {
    return filter;
  }

  @Override
  public Schema columns() {
    return columns;
  }

  @Override
  public boolean updates() {
    return updates;
  }

  @Override
  public BitSet candidates(VectorSchemaRoot batch) {
    int rows = batch.getRowCount();
    BitSet candidates = new BitSet(rows);
    if (!bySource.isEmpty()) {
      candidates.set(0, rows);
      return candidates;
    }
    List<FieldVector> vectors = new ArrayList<>();
    keys.columns().forEach(key -> vectors.add(batch.getVector(key.name())));
    VectorSchemaRoot alone =
        new VectorSchemaRoot(vectors.stream().map(FieldVector::getField).toList(), vectors, rows);
    int row = 0;
    for (Record key : ArrowRows.rows(alone, keys)) {
      candidates.set(row++, source.mayMatch(key, keysAlone));
    }
    return candidates;
  }

  @Override
  public Fate fate(Record row) {
    int[] at = row.size() == keys.columns().size() ? keysAlone : keysInRow;
    Chosen chosen = new Chosen(row);
    if (source.match(row, at, chosen)) {
      return chosen.fate();
    }
    for (BoundClause clause : bySource) {
      if (clause.holds(row, null)) {
        return clause.fate(row, null);
      }
    }
    return Fate.Kept.KEPT;
  }

  /** The clause that applies to a row, of all rows of the source that match it. */
  private final class Chosen implements SourceRows.Match {
    private final Record row;
    private @Nullable BoundClause clause;
    private @Nullable Record by;

    Chosen(Record row) {
      this.row = row;
    }

    @Override
    public void row(Record from) {
      for (BoundClause each : matched) {
        if (each.holds(row, from)) {
          if (clause != null) {
            throw FirnException.invalid(
                "Cannot merge into %s: two source rows apply to one row, expected one for each key, got two with %s; keep one of them, or exclude the other by a condition"
                    .formatted(table, source.showKey(from)));
          }
          clause = each;
          by = from;
          return;
        }
      }
    }

    Fate fate() {
      return clause == null ? Fate.Kept.KEPT : clause.fate(row, by);
    }
  }

  @Override
  public void finish(ChangedFiles files) {
    if (notMatched.isEmpty()) {
      return;
    }
    source.forEachUnmatched(
        row -> {
          for (BoundClause clause : notMatched) {
            if (clause.holds(null, row)) {
              insert(clause, row, files);
              return;
            }
          }
        });
  }

  private static void insert(BoundClause clause, Record row, ChangedFiles files) {
    if (clause.action() == Clause.Action.IGNORE) {
      return;
    }
    files.countInserted(1);
    if (!files.isDry()) {
      files.write(clause.values().insert(row));
    }
  }
}
