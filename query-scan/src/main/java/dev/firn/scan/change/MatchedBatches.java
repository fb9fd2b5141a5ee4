package dev.firn.scan.change;

import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.format.arrow.ArrowRows;
import dev.firn.format.arrow.ArrowSchemas;
import dev.firn.format.arrow.ArrowTake;
import dev.firn.scan.BatchCursor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.IntFunction;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.ChangelogOperation;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;

/**
 * What became of the rows of a step that takes some away and adds others: those that are unchanged
 * are left out, those that changed are pairs, the rest is deleted or inserted. Owns the rows and
 * what is kept of them. Confined to one thread.
 *
 * <p>How it works: rows are matched by lineage where they have it; what is then left, by content.
 */
final class MatchedBatches implements BatchCursor {
  private final BatchCursor before;
  private final BatchCursor after;
  private final StepColumns columns;
  private final ChangeStep step;
  private final BufferAllocator allocator;
  private final int[] places;
  private final boolean whole;
  private final RowKey lineageKey;
  private final @Nullable MatchStage lineage;
  private final MatchStage content;
  private final Deque<VectorSchemaRoot> ready = new ArrayDeque<>();
  private int phase;

  MatchedBatches(
      BatchCursor before,
      BatchCursor after,
      StepColumns columns,
      ChangeStep step,
      MatchMemory memory) {
    this.before = before;
    this.after = after;
    this.columns = columns;
    this.step = step;
    this.allocator = memory.allocator();
    this.places = columns.places();
    this.whole = columns.whole().sameSchema(new Schema(columns.rows().columns()));
    var arrow = ArrowSchemas.toArrow(columns.matched());
    RowKey byContent = columns.contentKey();
    RowKey byLineage = columns.lineageKey();
    this.lineageKey = byLineage == null ? byContent : byLineage;
    this.lineage = byLineage == null ? null : new MatchStage(byLineage, arrow, memory);
    this.content = new MatchStage(byContent, arrow, memory);
  }

  @Override
  public boolean next() {
    VectorSchemaRoot done = ready.poll();
    if (done != null) {
      done.close();
    }
    while (ready.isEmpty()) {
      if (!advance()) {
        return false;
      }
    }
    return true;
  }

  /** Does some work; false where there is none left. */
  private boolean advance() {
    boolean more =
        switch (phase) {
          case 0 -> take(before, true);
          case 1 -> take(after, false);
          case 2 -> lineage != null && lineage.step(new Lineage());
          case 3 -> content.step(new Content());
          default -> throw new IllegalStateException("nothing is left to do");
        };
    if (!more) {
      if (phase == 3) {
        return false;
      }
      phase++;
    }
    return true;
  }

  private boolean take(BatchCursor rows, boolean isBefore) {
    if (!rows.next()) {
      rows.close();
      return false;
    }
    VectorSchemaRoot batch = rows.root();
    int count = batch.getRowCount();
    long[] known = new long[count];
    long[] unknown = new long[count];
    int knownRows = 0;
    int unknownRows = 0;
    for (int row = 0; row < count; row++) {
      long pick = ArrowTake.pick(0, row);
      if (lineage != null && lineageKey.has(batch, row)) {
        known[knownRows++] = pick;
      } else {
        unknown[unknownRows++] = pick;
      }
    }
    if (lineage != null && knownRows > 0) {
      lineage.add(isBefore, ArrowTake.take(List.of(batch), known, 0, knownRows, allocator));
    }
    if (unknownRows > 0) {
      content.add(isBefore, ArrowTake.take(List.of(batch), unknown, 0, unknownRows, allocator));
    }
    return true;
  }

  /** What lineage leaves open is told by content. */
  private final class Lineage implements MatchStage.Sink {
    @Override
    public void updated(VectorSchemaRoot pairs) {
      pairs(pairs);
    }

    @Override
    public void alone(boolean isBefore, VectorSchemaRoot rows) {
      content.add(isBefore, rows);
    }
  }

  private final class Content implements MatchStage.Sink {
    @Override
    public void updated(VectorSchemaRoot pairs) {
      pairs(pairs);
    }

    @Override
    public void alone(boolean isBefore, VectorSchemaRoot rows) {
      ChangelogOperation type = isBefore ? ChangelogOperation.DELETE : ChangelogOperation.INSERT;
      emit(rows, row -> type);
    }
  }

  private void pairs(VectorSchemaRoot pairs) {
    emit(
        pairs,
        row -> row % 2 == 0 ? ChangelogOperation.UPDATE_BEFORE : ChangelogOperation.UPDATE_AFTER);
  }

  private void emit(VectorSchemaRoot matched, IntFunction<ChangelogOperation> types) {
    int rows = matched.getRowCount();
    List<FieldVector> all = new ArrayList<>(ChangeColumns.vectors(step, rows, types, allocator));
    boolean done = false;
    try (matched) {
      all.addAll(0, projected(matched));
      done = true;
    } finally {
      if (!done) {
        all.forEach(FieldVector::close);
      }
    }
    ready.add(Roots.of(all, rows));
  }

  private List<FieldVector> projected(VectorSchemaRoot matched) {
    VectorSchemaRoot chosen = Roots.only(matched, places);
    if (!whole) {
      return pruned(chosen);
    }
    List<FieldVector> moved = new ArrayList<>();
    for (FieldVector vector : chosen.getFieldVectors()) {
      var pair = vector.getTransferPair(allocator);
      pair.transfer();
      moved.add((FieldVector) pair.getTo());
    }
    return moved;
  }

  private List<FieldVector> pruned(VectorSchemaRoot chosen) {
    Schema from = columns.whole();
    ArrowBatchBuilder batch = new ArrowBatchBuilder(columns.rows(), allocator);
    boolean done = false;
    try {
      for (Record row : ArrowRows.rows(chosen, from)) {
        batch.add(PrunedRows.prune(row, from.asStruct(), columns.rows().asStruct()));
      }
      done = true;
      return batch.finish().getFieldVectors();
    } finally {
      if (!done) {
        batch.close();
      }
    }
  }

  @Override
  public VectorSchemaRoot root() {
    VectorSchemaRoot root = ready.peek();
    if (root == null) {
      throw new IllegalStateException("there is no batch");
    }
    return root;
  }

  @Override
  public void close() {
    ready.forEach(VectorSchemaRoot::close);
    ready.clear();
    MatchStage byLineage = lineage;
    try (before;
        after;
        byLineage;
        content) {
      phase = 3;
    }
  }
}
