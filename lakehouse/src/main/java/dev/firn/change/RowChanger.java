package dev.firn.change;

import dev.firn.error.FirnException;
import dev.firn.format.arrow.ArrowRows;
import dev.firn.format.arrow.ArrowTake;
import dev.firn.scan.BatchCursor;
import dev.firn.scan.Decoding;
import dev.firn.scan.FileTaskReader;
import dev.firn.scan.ScanRequest;
import dev.firn.scan.SnapshotSelector;
import dev.firn.scan.TableScanner;
import dev.firn.scan.TaskCursors;
import dev.firn.scan.plan.ManifestIndex;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.Deletes;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types.NestedField;

/**
 * Applies a rule to the rows of one snapshot. Confined to one thread.
 *
 * <p>How it works: files go whole where the rule says so of their metadata. Merge-on-read reads the
 * others once, through the rule's filter, marks the rows that change and writes their successors.
 * Copy-on-write reads what the rule needs first, and only files in which a row does change once
 * more, in full: rows that stay are passed on as batches, in the order of the file.
 */
final class RowChanger {
  /** A row's new values, where only its place was read. */
  private static final Fate VALUES_LATER =
      new Fate.Updated(
          () -> {
            throw new IllegalStateException("Cannot compute values of a row that was not read");
          });

  private final Table table;
  private final String branch;
  private final Decoding decoding;
  private final ManifestIndex manifests;
  private final BufferAllocator allocator;
  private final RowRule rule;
  private final ChangedFiles files;

  RowChanger(Table table, String branch, ChangeTarget target, RowRule rule, ChangedFiles files) {
    this.table = table;
    this.branch = branch;
    this.decoding = target.decoding();
    this.manifests = target.manifests();
    this.allocator = target.allocator();
    this.rule = rule;
    this.files = files;
  }

  /** {@code copies} asks for touched files to be written anew. */
  void run(boolean copies) {
    List<FileScanTask> some = new ArrayList<>();
    ScanRequest request =
        new ScanRequest(
            new SnapshotSelector.Ref(branch), null, rule.filter(), ScanRequest.NO_LIMIT);
    try (CloseableIterable<FileScanTask> tasks =
        new TableScanner(table, decoding, manifests).plan(request)) {
      for (FileScanTask task : tasks) {
        switch (rule.reach(task)) {
          case WHOLE -> {
            files.countDeleted(task.deletes().isEmpty() ? task.file().recordCount() : live(task));
            files.remove(task);
          }
          case SOME -> some.add(task);
          case NONE -> {}
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (copies) {
      copy(some);
    } else {
      mark(some);
    }
  }

  private long live(FileScanTask task) {
    long rows = 0;
    FileTaskReader reader = reader(positions(new Schema()), Expressions.alwaysTrue());
    try (BatchCursor batches = reader.openArrow(task, allocator)) {
      while (batches.next()) {
        rows += batches.root().getRowCount();
      }
    }
    return rows;
  }

  private void mark(List<FileScanTask> tasks) {
    Schema columns = rule.updates() ? files.schema() : rule.columns();
    FileTaskReader reader = reader(positions(columns), rule.filter());
    try (TaskCursors cursors = reader.inOrder(tasks.iterator(), allocator)) {
      for (FileScanTask task : tasks) {
        try (BatchCursor batches = Objects.requireNonNull(cursors.next())) {
          while (batches.next()) {
            mark(task, batches.root(), columns);
          }
        }
      }
    }
  }

  private void mark(FileScanTask task, VectorSchemaRoot batch, Schema columns) {
    forEachFate(
        batch,
        columns,
        (position, fate) -> {
          files.mark(task, position);
          if (fate instanceof Fate.Updated updated) {
            files.countUpdated(1);
            if (!files.isDry()) {
              files.write(updated.row().get());
            }
          } else {
            files.countDeleted(1);
          }
        });
  }

  private interface FateTaker {
    void take(long position, Fate fate);
  }

  /** Tells of each row of the batch that does not stay. */
  private void forEachFate(VectorSchemaRoot batch, Schema columns, FateTaker taker) {
    BitSet candidates = rule.candidates(batch);
    if (candidates.isEmpty()) {
      return;
    }
    BigIntVector positions = positions(batch);
    if (columns.columns().isEmpty()) {
      Fate common = rule.updates() ? VALUES_LATER : Fate.Deleted.DELETED;
      candidates.stream().forEach(row -> taker.take(positions.get(row), common));
      return;
    }
    try (VectorSchemaRoot rows = take(batch, candidates)) {
      Iterator<Record> records = records(rows, columns);
      candidates.stream()
          .forEach(
              row -> {
                Fate fate = rule.fate(records.next());
                if (fate != Fate.Kept.KEPT) {
                  taker.take(positions.get(row), fate);
                }
              });
    }
  }

  private void copy(List<FileScanTask> tasks) {
    FileTaskReader looking = reader(positions(rule.columns()), rule.filter());
    FileTaskReader all = reader(positions(files.schema()), Expressions.alwaysTrue());
    try (TaskCursors cursors = looking.inOrder(tasks.iterator(), allocator)) {
      for (FileScanTask task : tasks) {
        PositionDeleteIndex changed = Deletes.toPositionIndex(CloseableIterable.empty());
        try (BatchCursor batches = Objects.requireNonNull(cursors.next())) {
          while (batches.next()) {
            look(batches.root(), changed);
          }
        }
        if (!changed.isEmpty()) {
          files.remove(task);
          if (!files.isDry()) {
            rewrite(task, all, changed);
          }
        }
      }
    }
  }

  private void look(VectorSchemaRoot batch, PositionDeleteIndex changed) {
    forEachFate(
        batch,
        rule.columns(),
        (position, fate) -> {
          changed.delete(position);
          if (fate instanceof Fate.Updated) {
            files.countUpdated(1);
          } else {
            files.countDeleted(1);
          }
        });
  }

  private void rewrite(FileScanTask task, FileTaskReader reader, PositionDeleteIndex changed) {
    try (BatchCursor batches = reader.openArrow(task, allocator)) {
      while (batches.next()) {
        rewrite(batches.root(), changed);
      }
    }
  }

  private void rewrite(VectorSchemaRoot batch, PositionDeleteIndex changed) {
    BigIntVector positions = positions(batch);
    BitSet hits = new BitSet(batch.getRowCount());
    for (int row = 0; row < batch.getRowCount(); row++) {
      hits.set(row, changed.isDeleted(positions.get(row)));
    }
    if (hits.isEmpty()) {
      files.write(withoutPositions(batch));
      return;
    }
    if (rule.updates()) {
      try (VectorSchemaRoot rows = take(batch, hits)) {
        records(rows, files.schema()).forEachRemaining(this::replace);
      }
    }
    BitSet rest = new BitSet(batch.getRowCount());
    rest.set(0, batch.getRowCount());
    rest.andNot(hits);
    if (!rest.isEmpty()) {
      try (VectorSchemaRoot rows = take(batch, rest)) {
        files.write(rows);
      }
    }
  }

  private void replace(Record row) {
    Fate fate = rule.fate(row);
    if (fate instanceof Fate.Updated updated) {
      files.write(updated.row().get());
    } else if (fate != Fate.Deleted.DELETED) {
      throw FirnException.invalid(
          "Cannot change %s: a condition was true of a row and then was not, expected conditions that depend on the row alone"
              .formatted(table.name()));
    }
  }

  private FileTaskReader reader(Schema columns, Expression filter) {
    return new FileTaskReader(table, table.schema(), columns, filter, decoding);
  }

  private static Schema positions(Schema columns) {
    List<NestedField> all = new ArrayList<>(columns.columns());
    all.add(MetadataColumns.ROW_POSITION);
    return new Schema(all);
  }

  private static BigIntVector positions(VectorSchemaRoot batch) {
    return (BigIntVector) batch.getVector(batch.getFieldVectors().size() - 1);
  }

  /** The same vectors but the last, still the batch's. */
  private static VectorSchemaRoot withoutPositions(VectorSchemaRoot batch) {
    List<FieldVector> vectors = batch.getFieldVectors();
    List<FieldVector> columns = vectors.subList(0, vectors.size() - 1);
    return new VectorSchemaRoot(
        columns.stream().map(FieldVector::getField).toList(), columns, batch.getRowCount());
  }

  private VectorSchemaRoot take(VectorSchemaRoot batch, BitSet rows) {
    long[] picks = rows.stream().mapToLong(row -> ArrowTake.pick(0, row)).toArray();
    return ArrowTake.take(List.of(withoutPositions(batch)), picks, 0, picks.length, allocator);
  }

  private static Iterator<Record> records(VectorSchemaRoot rows, Schema columns) {
    return ArrowRows.rows(rows, columns).iterator();
  }
}
