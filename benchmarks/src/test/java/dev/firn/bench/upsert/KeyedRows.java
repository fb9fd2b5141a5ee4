package dev.firn.bench.upsert;

import java.util.SplittableRandom;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;

/** Rows of a key and a value: those that a table begins with, and batches that change it. */
final class KeyedRows {
  static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.required(2, "value", Types.LongType.get()));

  private static final int BATCH = 100_000;

  private KeyedRows() {}

  interface Sink {
    void write(VectorSchemaRoot batch);
  }

  /** The even keys below {@code 2 * rows}, each with its half as the value. */
  static void initial(long rows, BufferAllocator allocator, Sink sink) {
    try (VectorSchemaRoot batch = empty(allocator)) {
      for (long from = 0; from < rows; from += BATCH) {
        int count = (int) Math.min(BATCH, rows - from);
        for (int i = 0; i < count; i++) {
          set(batch, i, 2 * (from + i), from + i);
        }
        batch.setRowCount(count);
        sink.write(batch);
      }
    }
  }

  /** Changes of which each second one is of a random initial key, the others are of odd keys. */
  static final class Changes {
    final long[] ids;
    final long[] values;

    Changes(long initial, int rows, SplittableRandom random) {
      ids = new long[rows];
      values = new long[rows];
      for (int i = 0; i < rows; i++) {
        ids[i] = 2 * random.nextLong(initial) + i % 2;
        values[i] = random.nextLong(1L << 40);
      }
    }

    VectorSchemaRoot batch(BufferAllocator allocator) {
      VectorSchemaRoot batch = empty(allocator);
      for (int i = 0; i < ids.length; i++) {
        set(batch, i, ids[i], values[i]);
      }
      batch.setRowCount(ids.length);
      return batch;
    }
  }

  private static VectorSchemaRoot empty(BufferAllocator allocator) {
    return VectorSchemaRoot.of(
        new BigIntVector("id", allocator), new BigIntVector("value", allocator));
  }

  private static void set(VectorSchemaRoot batch, int row, long id, long value) {
    ((BigIntVector) batch.getVector(0)).setSafe(row, id);
    ((BigIntVector) batch.getVector(1)).setSafe(row, value);
  }
}
