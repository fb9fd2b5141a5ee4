package dev.firn.format.parquet.read;

import dev.firn.format.arrow.ArrowSchemas;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.iceberg.Schema;

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
  private final MapDictionaryProvider dictionaries = new MapDictionaryProvider();

  /**
   * Takes from {@code probes} what they read anyway. {@code encoded} are the places of the columns
   * that come out dictionary-encoded.
   */
  Output(
      Schema projection,
      List<Node> nodes,
      Set<Integer> encoded,
      Probes probes,
      BufferAllocator allocator) {
    this.allocator = allocator;
    this.root = VectorSchemaRoot.create(schema(projection, encoded), allocator);
    for (int i = 0; i < nodes.size(); i++) {
      FieldVector vector = root.getVector(i);
      Column probe = probes.find(projection.columns().get(i));
      if (encoded.contains(i) && nodes.get(i) instanceof Node.Stored stored) {
        DictionaryColumn column = new DictionaryColumn(stored.leaf(), vector, allocator);
        dictionaries.put(column.dictionary());
        columns.add(column);
      } else if (probe == null) {
        columns.add(Columns.of(nodes.get(i), vector, allocator));
      } else {
        taken.add(new Taken(probe.vector(), vector));
      }
    }
  }

  private static org.apache.arrow.vector.types.pojo.Schema schema(
      Schema projection, Set<Integer> encoded) {
    List<Field> fields = new ArrayList<>(ArrowSchemas.toArrow(projection).getFields());
    encoded.forEach(i -> fields.set(i, DictionaryColumn.encoded(fields.get(i), i)));
    return new org.apache.arrow.vector.types.pojo.Schema(fields);
  }

  /** The dictionaries of the current batch. */
  DictionaryProvider dictionaries() {
    return dictionaries;
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
      // columns would take its memory for theirs to use again.
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
