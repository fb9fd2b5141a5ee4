package dev.firn.format.arrow;

import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Gathers rows of one or several batches into a new batch, in any order, for every type of {@link
 * ArrowSchemas#toArrow}, nested ones and index vectors of dictionaries included. Stateless.
 *
 * <p>A row is named by a <i>pick</i>: the position of its batch among the sources in the upper 32
 * bits, its row in the lower. Sources have the same fields; they are only read. The result holds
 * buffers of exactly the size needed, from the given allocator, and is the caller's to close. A
 * pick outside its source is an {@link IndexOutOfBoundsException}; where memory does not suffice,
 * nothing stays allocated.
 */
public final class ArrowTake {
  private ArrowTake() {}

  /** Returns the pick of {@code row} of the batch at {@code source}. */
  public static long pick(int source, int row) {
    return ((long) source << 32) | row;
  }

  /** Returns the rows that {@code picks} names from index {@code from}, {@code count} of them. */
  public static VectorSchemaRoot take(
      List<VectorSchemaRoot> sources, long[] picks, int from, int count, BufferAllocator into) {
    Picks rows = Picks.of(picks, from, count);
    rows.check(sources.stream().mapToInt(VectorSchemaRoot::getRowCount).toArray());
    List<FieldVector> columns = new ArrayList<>();
    boolean done = false;
    try {
      for (int c = 0; c < sources.get(0).getFieldVectors().size(); c++) {
        FieldVector[] vectors = new FieldVector[sources.size()];
        for (int s = 0; s < vectors.length; s++) {
          vectors[s] = sources.get(s).getVector(c);
        }
        columns.add(Gather.take(vectors, rows, into));
      }
      done = true;
    } finally {
      if (!done) {
        columns.forEach(FieldVector::close);
      }
    }
    return new VectorSchemaRoot(sources.get(0).getSchema(), columns, count);
  }

  /** Returns a copy of {@code count} rows of a batch from row {@code from}. */
  public static VectorSchemaRoot copy(
      VectorSchemaRoot batch, int from, int count, BufferAllocator into) {
    return take(List.of(batch), range(from, count), 0, count, into);
  }

  /** Returns the values that {@code picks} names, all of one vector. */
  static FieldVector take(FieldVector source, long[] picks, int count, BufferAllocator into) {
    Picks rows = Picks.of(picks, 0, count);
    rows.check(new int[] {source.getValueCount()});
    return Gather.take(new FieldVector[] {source}, rows, into);
  }

  private static long[] range(int from, int count) {
    long[] picks = new long[count];
    for (int i = 0; i < count; i++) {
      picks[i] = (long) from + i;
    }
    return picks;
  }
}
