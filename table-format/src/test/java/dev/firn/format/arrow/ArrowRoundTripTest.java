package dev.firn.format.arrow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArrowRoundTripTest {
  private final BufferAllocator allocator = new RootAllocator(1 << 28);

  @AfterEach
  void everyBufferIsReleased() {
    assertThat(allocator.getAllocatedMemory()).isZero();
    allocator.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void recordsOfRandomSchemasComeBackEqual(long seed) {
    System.out.println("seed " + seed);
    RandomRows random = new RandomRows(new Random(seed));
    for (int round = 0; round < 30; round++) {
      Schema schema = random.schema();
      try (ArrowBatchBuilder builder = new ArrowBatchBuilder(schema, allocator)) {
        for (int batch = 0; batch < 3; batch++) {
          List<Record> rows = random.rows(schema, batch * 40);
          rows.forEach(builder::add);
          assertThat(builder.rows()).isEqualTo(rows.size());
          VectorSchemaRoot root = builder.finish();
          assertThat(root.getRowCount()).isEqualTo(rows.size());
          assertThat(Shown.all(ArrowRows.rows(root, schema)))
              .as("seed %s, schema %s", seed, schema)
              .isEqualTo(Shown.all(rows));
          builder.clear();
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23})
  void schemasComeBackWithTheirIds(long seed) {
    System.out.println("seed " + seed);
    RandomRows random = new RandomRows(new Random(seed));
    for (int round = 0; round < 100; round++) {
      Schema schema = random.schema();
      assertThat(ArrowSchemas.fromArrow(ArrowSchemas.toArrow(schema)).asStruct())
          .isEqualTo(schema.asStruct());
    }
  }

  @Test
  void aGivenRootIsFilledAndStaysItsOwners() {
    RandomRows random = new RandomRows(new Random(1));
    Schema schema = random.flatSchema();
    try (VectorSchemaRoot root = VectorSchemaRoot.create(ArrowSchemas.toArrow(schema), allocator)) {
      List<Record> rows = random.rows(schema, 10);
      try (ArrowBatchBuilder builder = new ArrowBatchBuilder(schema, root)) {
        rows.forEach(builder::add);
        assertThat(builder.finish()).isSameAs(root);
      }
      assertThat(Shown.all(ArrowRows.rows(root, schema))).isEqualTo(Shown.all(rows));
    }
  }
}
