package dev.firn.bench.write;

import dev.firn.format.arrow.ArrowSchemas;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;

/**
 * Rows that go to many partitions in turns: each partition's next row is {@code partitions} rows
 * away, the worst order for a writer. The same at every call.
 */
record PartitionRows(int rows, int partitions) {
  static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.required(2, "part", Types.IntegerType.get()),
          Types.NestedField.required(3, "amount", Types.DoubleType.get()),
          Types.NestedField.required(4, "note", Types.StringType.get()));

  static final PartitionSpec SPEC = PartitionSpec.builderFor(SCHEMA).identity("part").build();

  private static final int BATCH_ROWS = 32 * 1024;

  /** A prime, so that neighbouring rows go to distant partitions. */
  private static final long STRIDE = 7919;

  /** Lends all rows, in batches, to {@code consumer}. */
  void forEach(BufferAllocator allocator, Consumer<VectorSchemaRoot> consumer) {
    try (VectorSchemaRoot batch =
        VectorSchemaRoot.create(ArrowSchemas.toArrow(SCHEMA), allocator)) {
      for (int from = 0; from < rows; from += BATCH_ROWS) {
        fill(batch, from, Math.min(BATCH_ROWS, rows - from));
        consumer.accept(batch);
      }
    }
  }

  private void fill(VectorSchemaRoot batch, int from, int count) {
    BigIntVector ids = (BigIntVector) batch.getVector(0);
    IntVector parts = (IntVector) batch.getVector(1);
    Float8Vector amounts = (Float8Vector) batch.getVector(2);
    VarCharVector notes = (VarCharVector) batch.getVector(3);
    for (int i = 0; i < count; i++) {
      long id = (long) from + i;
      ids.setSafe(i, id);
      parts.setSafe(i, (int) (id * STRIDE % partitions));
      amounts.setSafe(i, id * 31 % 100_000 / 100.0);
      notes.setSafe(
          i, ("note " + id * 2_654_435_761L % 1_000_000_007).getBytes(StandardCharsets.US_ASCII));
    }
    batch.setRowCount(count);
  }
}
