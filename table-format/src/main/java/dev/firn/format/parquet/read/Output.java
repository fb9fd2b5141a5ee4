package dev.firn.format.parquet.read;

import dev.firn.format.arrow.ArrowSchemas;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types.NestedField;

/**
 * The batches' root: columns read for the rows that stay, and columns taken from those that the
 * tests were made on. Confined to one thread. Owns the root.
 */
final class Output implements AutoCloseable {
  private record Taken(FieldVector from, FieldVector to) {}

  private final BufferAllocator allocator;
  private final VectorSchemaRoot root;
  private final List<Column> columns = new ArrayList<>();
  private final List<Taken> taken = new ArrayList<>();
  private boolean moved;

  /** Takes from {@code probes} what they read anyway. */
  Output(Schema projection, SchemaMapper mapper, Probes probes, BufferAllocator allocator) {
    this.allocator = allocator;
    this.root = VectorSchemaRoot.create(ArrowSchemas.toArrow(projection), allocator);
    try {
      List<NestedField> fields = projection.columns();
      for (int i = 0; i < fields.size(); i++) {
        FieldVector vector = root.getVector(i);
        Column probe = probes.find(fields.get(i));
        if (probe == null) {
          List<Node> nodes = mapper.map(List.of(fields.get(i)));
          columns.addAll(Columns.of(nodes, List.of(vector), allocator));
        } else {
          taken.add(new Taken(probe.vector(), vector));
        }
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  VectorSchemaRoot root() {
    return root;
  }

  /** The columns to be read for the rows that stay. */
  List<Column> columns() {
    return columns;
  }

  /** Makes the vectors free for the next batch. */
  void recycle() {
    columns.forEach(Column::recycle);
    for (Taken pair : taken) {
      if (moved) {
        pair.to().makeTransferPair(pair.from()).transfer();
      }
      pair.to().clear();
    }
    moved = false;
  }

  /** Loads what the tests' columns hold of {@code rows}, which counts their rows. */
  void take(Selection rows) {
    if (taken.isEmpty()) {
      return;
    }
    if (rows.isAll()) {
      // Moved, not shared: whoever transfers a vector away must be its only holder, or the tests'
      // columns
      // would take its memory for theirs to use again.
      taken.forEach(pair -> pair.from().makeTransferPair(pair.to()).transfer());
      moved = true;
      return;
    }
    int[] positions = rows.toArray();
    for (Taken pair : taken) {
      VectorTake.take(pair.from(), positions, rows.count(), pair.to(), allocator);
    }
  }

  @Override
  public void close() {
    columns.forEach(Column::close);
    root.close();
  }
}
