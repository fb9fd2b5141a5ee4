package dev.firn.format.write.key;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.format.arrow.RandomRows;
import dev.firn.testing.ArrowLeakCheck;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.transforms.Transform;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.BucketUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ArrowLeakCheck.class)
class PartitionerTest {
  private static final long SEED = Long.getLong("firn.test.seed", 11);

  private static void assertAsIceberg(
      PartitionSpec spec, Schema schema, List<Record> rows, BufferAllocator allocator) {
    Partitioner partitioner = new Partitioner(spec, schema);
    PartitionKey expected = new PartitionKey(spec, schema);
    InternalRecordWrapper wrapper = new InternalRecordWrapper(schema.asStruct());
    Map<PartitionKey, Integer> ids = new HashMap<>();
    try (ArrowBatchBuilder builder = new ArrowBatchBuilder(schema, allocator)) {
      rows.forEach(builder::add);
      VectorSchemaRoot batch = builder.finish();
      int half = rows.size() / 2;
      List<Integer> partitions = new ArrayList<>();
      // Two calls: numbers must hold from batch to batch, and rows not begin at zero.
      for (int p : partitioner.partitions(batch, 0, half)) {
        partitions.add(p);
      }
      for (int p : partitioner.partitions(batch, half, rows.size() - half)) {
        partitions.add(p);
      }
      for (int i = 0; i < rows.size(); i++) {
        expected.partition(wrapper.wrap(rows.get(i)));
        PartitionKey key = partitioner.key(partitions.get(i));
        assertThat(key).as("%s of %s, seed %s", spec, rows.get(i), SEED).isEqualTo(expected);
        assertThat(key.toPath()).isEqualTo(expected.toPath());
        // One number per key, numbered in order of first sight.
        Integer id = ids.putIfAbsent(expected.copy(), ids.size());
        assertThat(partitions.get(i)).isEqualTo(id == null ? ids.size() - 1 : id);
      }
      assertThat(partitioner.size()).isEqualTo(ids.size());
    }
  }

  @Test
  void everyTransformOfEveryTypeGroupsAsIcebergDoes(BufferAllocator allocator) {
    RandomRows random = new RandomRows(new Random(SEED));
    int combinations = 0;
    for (Types.NestedField column : random.flatSchema().columns()) {
      Type type = column.type();
      if (!type.isPrimitiveType() || type.typeId() == Type.TypeID.UNKNOWN) {
        continue;
      }
      Schema schema = new Schema(required(1, "id", Types.LongType.get()), optional(2, "c", type));
      for (Transform<?, ?> transform : TransformSpecs.of(type)) {
        List<Record> rows = new ArrayList<>();
        for (long i = 0; i < 200; i++) {
          Object value = i % 5 == 3 ? null : random.value(type);
          rows.add(row(schema, i, i % 7 == 6 ? rows.get(rows.size() / 2).get(1) : value));
        }
        assertAsIceberg(TransformSpecs.spec(schema, "c", transform), schema, rows, allocator);
        combinations++;
      }
    }
    assertThat(combinations).isGreaterThan(60);
  }

  private static Record row(Schema schema, Object... values) {
    GenericRecord row = GenericRecord.create(schema);
    for (int i = 0; i < values.length; i++) {
      row.set(i, values[i]);
    }
    return row;
  }

  @Test
  void tuplesOfSeveralFieldsAndFieldsOfStructsGroupAsIcebergDoes(BufferAllocator allocator) {
    Types.StructType inner =
        Types.StructType.of(
            optional(4, "s", Types.StringType.get()),
            optional(5, "d", Types.DecimalType.of(30, 5)));
    Types.StructType outer =
        Types.StructType.of(
            required(6, "at", Types.TimestampType.withZone()), optional(7, "in", inner));
    Schema schema =
        new Schema(
            required(1, "id", Types.LongType.get()),
            optional(2, "o", outer),
            required(3, "day", Types.DateType.get()));
    PartitionSpec spec =
        PartitionSpec.builderFor(schema)
            .bucket("id", 3)
            .hour("o.at")
            .truncate("o.in.s", 2)
            .identity("o.in.d")
            .month("day")
            .build();
    RandomRows random = new RandomRows(new Random(SEED));
    List<Record> rows = random.rows(schema, 300);
    rows.addAll(rows.subList(0, 100));
    assertAsIceberg(spec, schema, rows, allocator);
  }

  @Test
  void bytesHashAsIcebergHashesThem(BufferAllocator allocator) {
    Random random = new Random(SEED);
    try (var buffer = allocator.buffer(64)) {
      for (int length = 0; length < 40; length++) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        buffer.setBytes(0, bytes);
        assertThat(Murmur.hash(buffer.memoryAddress(), length))
            .isEqualTo(BucketUtil.hash(ByteBuffer.wrap(bytes)));
      }
    }
    for (int shift = 0; shift < 64; shift++) {
      for (long value : new long[] {random.nextLong() >> shift, -1L << shift, ~(-1L << shift)}) {
        assertThat(Murmur.hash(value)).isEqualTo(BucketUtil.hash(value));
        assertThat(Murmur.hashShortest(value))
            .as("%s", value)
            .isEqualTo(BucketUtil.hash(java.math.BigDecimal.valueOf(value)));
      }
    }
  }
}
