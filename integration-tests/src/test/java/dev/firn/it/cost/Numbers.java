package dev.firn.it.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/** A file of 128 MiB: sixteen columns of numbers that do not compress. Stateless. */
final class Numbers {
  static final Schema SCHEMA =
      new Schema(
          IntStream.rangeClosed(1, 16)
              .mapToObj(i -> NestedField.required(i, "c" + i, Types.LongType.get()))
              .toList());

  private static final int BATCH = 1 << 16;
  private static final int BATCHES = 16;
  private static final long SEED = 4;

  private Numbers() {}

  static void append(Lakehouse lake, String name) {
    LakeTable table = lake.table(name);
    SplittableRandom random = new SplittableRandom(SEED);
    List<BigIntVector> columns =
        SCHEMA.columns().stream()
            .map(column -> new BigIntVector(column.name(), lake.allocator()))
            .toList();
    try (TableWriter writer = table.append();
        VectorSchemaRoot batch = new VectorSchemaRoot(List.<FieldVector>copyOf(columns))) {
      for (int i = 0; i < BATCHES; i++) {
        columns.forEach(column -> fill(column, random));
        batch.setRowCount(BATCH);
        writer.write(batch);
      }
      writer.commit();
    }
  }

  private static void fill(BigIntVector column, SplittableRandom random) {
    column.allocateNew(BATCH);
    for (int row = 0; row < BATCH; row++) {
      column.set(row, random.nextLong());
    }
    column.setValueCount(BATCH);
  }

  static void scan(Lakehouse lake, String name) {
    long rows = 0;
    try (BufferAllocator allocator = lake.allocator().newChildAllocator("scan", 0, Long.MAX_VALUE);
        ArrowReader batches =
            lake.table(name).scan().select("c2", "c7", "c15").openArrow(allocator)) {
      while (batches.loadNextBatch()) {
        rows += batches.getVectorSchemaRoot().getRowCount();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(rows).isEqualTo((long) BATCH * BATCHES);
  }
}
