package dev.firn.format.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.testing.ArrowLeakCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ArrowLeakCheck.class)
class ArrowTakeTest {
  private static final long SEED = Long.getLong("firn.test.seed", 21);

  @Test
  void rowsOfSeveralBatchesComeInTheOrderOfThePicks(BufferAllocator allocator) {
    Random random = new Random(SEED);
    RandomRows rows = new RandomRows(random);
    for (int round = 0; round < 60; round++) {
      Schema schema = rows.schema();
      int count = 1 + random.nextInt(70);
      List<List<Record>> records = List.of(rows.rows(schema, count), rows.rows(schema, count));
      try (ArrowBatchBuilder a = new ArrowBatchBuilder(schema, allocator);
          ArrowBatchBuilder b = new ArrowBatchBuilder(schema, allocator)) {
        records.get(0).forEach(a::add);
        records.get(1).forEach(b::add);
        long[] picks = new long[random.nextInt(120)];
        List<Record> expected = new ArrayList<>();
        for (int i = 0; i < picks.length; i++) {
          int source = random.nextInt(2);
          int row = random.nextInt(count);
          picks[i] = ArrowTake.pick(source, row);
          expected.add(records.get(source).get(row));
        }
        List<VectorSchemaRoot> sources = List.of(a.finish(), b.finish());
        try (VectorSchemaRoot taken = ArrowTake.take(sources, picks, 0, picks.length, allocator)) {
          assertThat(Shown.all(ArrowRows.rows(taken, schema)))
              .as("seed %s, schema %s", SEED, schema)
              .isEqualTo(Shown.all(expected));
          int from = picks.length / 3;
          try (VectorSchemaRoot again =
              ArrowTake.copy(taken, from, picks.length - from, allocator)) {
            assertThat(Shown.all(ArrowRows.rows(again, schema)))
                .isEqualTo(Shown.all(expected.subList(from, picks.length)));
          }
        }
      }
    }
  }

  @Test
  void aPickOutsideItsSourceIsRefused(BufferAllocator allocator) {
    Schema schema = new RandomRows(new Random(SEED)).flatSchema();
    try (ArrowBatchBuilder builder = new ArrowBatchBuilder(schema, allocator)) {
      new RandomRows(new Random(SEED)).rows(schema, 3).forEach(builder::add);
      List<VectorSchemaRoot> sources = List.of(builder.finish());
      for (long pick : new long[] {3, -1, ArrowTake.pick(1, 0)}) {
        assertThatThrownBy(() -> ArrowTake.take(sources, new long[] {pick}, 0, 1, allocator))
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
    }
  }

  @Test
  void nothingStaysAllocatedWhereMemoryDoesNotSuffice(BufferAllocator allocator) {
    Schema schema = new RandomRows(new Random(SEED)).flatSchema();
    try (ArrowBatchBuilder builder = new ArrowBatchBuilder(schema, allocator)) {
      new RandomRows(new Random(SEED)).rows(schema, 300).forEach(builder::add);
      VectorSchemaRoot batch = builder.finish();
      int failures = 0;
      for (long limit = 0; limit < 100_000; limit += 777) {
        try (BufferAllocator small = allocator.newChildAllocator("small", 0, limit)) {
          try {
            ArrowTake.copy(batch, 0, 300, small).close();
          } catch (OutOfMemoryException e) {
            failures++;
          }
          assertThat(small.getAllocatedMemory()).isZero();
        }
      }
      assertThat(failures).isBetween(10, 120);
    }
  }
}
