package dev.firn.scan.change;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.scan.BatchCursor;
import dev.firn.scan.Decoding;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.ChangelogOperation;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.jspecify.annotations.Nullable;

/**
 * The changes of some steps, one after the other: each is planned when its turn comes. Confined to
 * one thread; owns its batches.
 */
final class ChangeBatches implements BatchCursor {
  private final Table table;
  private final Iterator<ChangeStep> steps;
  private final StepColumns columns;
  private final Expression filter;
  private final Decoding decoding;
  private final BufferAllocator allocator;
  private final FileDiff diff;
  private @Nullable BatchCursor rows;
  private boolean closed;

  /** Borrows {@code allocator}. */
  ChangeBatches(
      Table table,
      List<ChangeStep> steps,
      StepColumns columns,
      Expression filter,
      Decoding decoding,
      BufferAllocator allocator) {
    this.table = table;
    this.steps = steps.iterator();
    this.columns = columns;
    this.filter = filter;
    this.decoding = decoding;
    this.allocator = allocator;
    this.diff = new FileDiff(table);
  }

  @Override
  public boolean next() {
    try {
      return !closed && advance();
    } catch (OutOfMemoryException e) {
      throw new FirnException(
          ErrorKind.INVALID,
          "Cannot read changes: the rows to be matched do not fit the memory allowed: %s; allow more, or select fewer columns [table %s]"
              .formatted(e.getMessage(), table.name()),
          e);
    } catch (UncheckedIOException e) {
      throw FirnException.unavailable(
          "Cannot read changes: %s: %s; see to the directory for temporary files [table %s]"
              .formatted(e.getMessage(), e.getCause(), table.name()),
          e);
    }
  }

  private boolean advance() {
    while (true) {
      BatchCursor open = rows;
      if (open == null) {
        if (!steps.hasNext()) {
          return false;
        }
        open = open(steps.next());
        rows = open;
      }
      if (open.next()) {
        return true;
      }
      rows = null;
      open.close();
    }
  }

  private BatchCursor open(ChangeStep step) {
    FileChanges files = diff.of(step);
    List<MarkedRows> deleted = new ArrayList<>();
    List<MarkedRows> restored = new ArrayList<>();
    for (FileChanges.Marked file : files.marked()) {
      MarkedRows.Pair pair = MarkedRows.of(table, file, diff, allocator);
      if (!pair.deleted().isEmpty()) {
        deleted.add(pair.deleted());
      }
      if (!pair.restored().isEmpty()) {
        restored.add(pair.restored());
      }
    }
    if (files.removed().isEmpty() && deleted.isEmpty()) {
      StepReader reader = reader(columns.rows());
      return new PlainBatches(
          new SideBatches(reader, files.added(), restored, allocator),
          step,
          ChangelogOperation.INSERT,
          allocator);
    }
    if (files.added().isEmpty() && restored.isEmpty()) {
      StepReader reader = reader(columns.rows());
      return new PlainBatches(
          new SideBatches(reader, files.removed(), deleted, allocator),
          step,
          ChangelogOperation.DELETE,
          allocator);
    }
    StepReader reader = reader(columns.matched());
    return new MatchedBatches(
        new SideBatches(reader, files.removed(), deleted, allocator),
        new SideBatches(reader, files.added(), restored, allocator),
        columns,
        step,
        MatchMemory.of(allocator));
  }

  private StepReader reader(org.apache.iceberg.Schema projection) {
    return StepReader.of(table, columns.table(), projection, filter, decoding);
  }

  @Override
  public VectorSchemaRoot root() {
    if (rows == null) {
      throw new IllegalStateException("there is no batch");
    }
    return rows.root();
  }

  @Override
  public void close() {
    closed = true;
    BatchCursor open = rows;
    rows = null;
    if (open != null) {
      open.close();
    }
  }
}
