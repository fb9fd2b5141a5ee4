package dev.firn.format.write.key;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.testing.ArrowLeakCheck;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(ArrowLeakCheck.class)
class CurveOrderTest {
  private static final long SEED = Long.getLong("firn.test.seed", 12);
  private static final int FILES = 64;

  @Test
  void hilbertsCurveVisitsEachCellOnceAndGoesFromNeighbourToNeighbour() {
    assertVisitsNeighbours(2, 5);
    assertVisitsNeighbours(3, 3);
    assertVisitsNeighbours(4, 2);
  }

  private static void assertVisitsNeighbours(int axes, int bits) {
    Map<Long, long[]> visited = new TreeMap<>();
    long cells = 1L << (axes * bits);
    for (long cell = 0; cell < cells; cell++) {
      long[] point = new long[axes];
      for (int a = 0; a < axes; a++) {
        point[a] = cell >> (a * bits) & ((1L << bits) - 1);
      }
      visited.put(CurveOrder.key(Curve.HILBERT, point.clone(), bits), point);
    }
    assertThat(visited).hasSize((int) cells).containsKey(0L).containsKey(cells - 1);
    for (long at = 1; at < cells; at++) {
      long steps = 0;
      for (int a = 0; a < axes; a++) {
        steps += Math.abs(visited.get(at)[a] - visited.get(at - 1)[a]);
      }
      assertThat(steps).isEqualTo(1);
    }
  }

  @Test
  void zOrderInterleavesBits() {
    assertThat(CurveOrder.key(Curve.Z_ORDER, new long[] {0b101, 0b011}, 3)).isEqualTo(0b100111);
    assertThat(CurveOrder.key(Curve.Z_ORDER, new long[] {-1L >>> 32, 0}, 32))
        .isEqualTo(0xaaaaaaaaaaaaaaaaL);
  }

  @Test
  void eachTypeKeepsItsOrderWithNullsFirst(BufferAllocator allocator) {
    Schema schema =
        new Schema(
            required(1, "same", Types.IntegerType.get()),
            optional(2, "boolean", Types.BooleanType.get()),
            optional(3, "int", Types.IntegerType.get()),
            optional(4, "long", Types.LongType.get()),
            optional(5, "float", Types.FloatType.get()),
            optional(6, "double", Types.DoubleType.get()),
            optional(7, "decimal", Types.DecimalType.of(9, 2)),
            optional(8, "wide", Types.DecimalType.of(38, 2)),
            optional(9, "string", Types.StringType.get()),
            optional(10, "uuid", Types.UUIDType.get()),
            optional(11, "binary", Types.BinaryType.get()));
    Random random = new Random(SEED);
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      rows.add(randomRow(schema, random));
    }
    try (ArrowBatchBuilder builder = new ArrowBatchBuilder(schema, allocator)) {
      rows.forEach(builder::add);
      VectorSchemaRoot batch = builder.finish();
      for (Types.NestedField field : schema.columns().subList(1, schema.columns().size())) {
        SortOrder order = SortOrder.builderFor(schema).asc(field.name()).build();
        List<String> columns = List.of("same", field.name());
        CurveOrder.Sampler sampler = new CurveOrder.Sampler(Curve.Z_ORDER, schema, columns);
        sampler.add(batch);
        try (Keys sorted = new SortKeys(order, schema).of(batch, allocator);
            Keys along = sampler.order(schema, columns).of(batch, allocator)) {
          long[] picks = sorted(sorted, rows.size());
          for (int i = 1; i < picks.length; i++) {
            assertThat(Long.compareUnsigned(prefix(along, picks[i - 1]), prefix(along, picks[i])))
                .as("%s, seed %d", field, SEED)
                .isLessThanOrEqualTo(0);
          }
          long different = Arrays.stream(picks).map(p -> prefix(along, p)).distinct().count();
          assertThat(different).isGreaterThan(field.name().equals("boolean") ? 2 : 200);
        }
      }
    }
  }

  private static Record randomRow(Schema schema, Random random) {
    GenericRecord row = GenericRecord.create(schema);
    row.set(0, 7);
    if (random.nextInt(10) == 0) {
      return row;
    }
    row.set(1, random.nextBoolean());
    row.set(2, random.nextInt());
    row.set(3, 1_700_000_000_000L + random.nextInt(1000));
    row.set(4, (float) random.nextGaussian());
    row.set(5, Double.longBitsToDouble(random.nextLong()));
    row.set(6, BigDecimal.valueOf(random.nextInt(100_000), 2));
    row.set(7, new BigDecimal(new BigInteger(20 + random.nextInt(100), random).negate(), 2));
    row.set(8, "https://example.org/" + random.nextInt(10_000));
    row.set(9, new UUID(random.nextLong(), random.nextLong()));
    byte[] bytes = new byte[5];
    random.nextBytes(bytes);
    row.set(10, ByteBuffer.wrap(bytes));
    return row;
  }

  private static long[] sorted(Keys keys, int rows) {
    long[] picks = new long[rows];
    for (int i = 0; i < rows; i++) {
      picks[i] = i;
    }
    new RowSort(List.of(keys)).sort(picks, 0, rows);
    return picks;
  }

  private static long prefix(Keys keys, long pick) {
    return keys.prefix((int) pick);
  }

  @ParameterizedTest
  @EnumSource(Spread.class)
  void filtersOnEitherColumnHitFewestFilesAlongHilbertsCurve(
      Spread spread, BufferAllocator allocator) {
    Schema schema =
        new Schema(
            required(1, "a", Types.LongType.get()), required(2, "b", Types.DoubleType.get()));
    Random random = new Random(SEED);
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < 16_384; i++) {
      GenericRecord row = GenericRecord.create(schema);
      row.set(0, 1_700_000_000_000L + (long) (spread.next(random) * 1000_000));
      row.set(1, spread.next(random));
      rows.add(row);
    }
    try (ArrowBatchBuilder builder = new ArrowBatchBuilder(schema, allocator)) {
      rows.forEach(builder::add);
      VectorSchemaRoot batch = builder.finish();
      double linear =
          filesHit(
              new SortKeys(SortOrder.builderFor(schema).asc("a").build(), schema),
              batch,
              rows,
              allocator);
      double z = filesHit(order(Curve.Z_ORDER, schema, batch), batch, rows, allocator);
      double hilbert = filesHit(order(Curve.HILBERT, schema, batch), batch, rows, allocator);

      assertThat(hilbert).as("of %d files, Z-order hits %f", FILES, z).isLessThanOrEqualTo(z);
      assertThat(z).as("of %d files, a sort hits %f", FILES, linear).isLessThan(linear * 0.8);
    }
  }

  private static RowOrder order(Curve curve, Schema schema, VectorSchemaRoot batch) {
    CurveOrder.Sampler sampler = new CurveOrder.Sampler(curve, schema, List.of("a", "b"));
    sampler.add(batch);
    return sampler.order(schema, List.of("a", "b"));
  }

  /** How values are spread between 0 and 1. */
  enum Spread {
    EVEN {
      @Override
      double next(Random random) {
        return random.nextDouble();
      }
    },
    SKEWED {
      @Override
      double next(Random random) {
        return Math.pow(random.nextDouble(), 8);
      }
    };

    abstract double next(Random random);
  }

  /** The average over boxes of a tenth of the rows in each column, of files cut from the order. */
  private static double filesHit(
      RowOrder order, VectorSchemaRoot batch, List<Record> rows, BufferAllocator allocator) {
    double[][] bounds = new double[FILES][];
    try (Keys keys = order.of(batch, allocator)) {
      long[] picks = sorted(keys, rows.size());
      int size = picks.length / FILES;
      for (int f = 0; f < FILES; f++) {
        double[] box = {Double.MAX_VALUE, -Double.MAX_VALUE, Double.MAX_VALUE, -Double.MAX_VALUE};
        for (int i = f * size; i < (f + 1) * size; i++) {
          for (int c = 0; c < 2; c++) {
            double value = value(rows, (int) picks[i], c);
            box[2 * c] = Math.min(box[2 * c], value);
            box[2 * c + 1] = Math.max(box[2 * c + 1], value);
          }
        }
        bounds[f] = box;
      }
    }
    double[][] sorted = new double[2][];
    for (int c = 0; c < 2; c++) {
      int column = c;
      sorted[c] =
          rows.stream().mapToDouble(r -> ((Number) r.get(column)).doubleValue()).sorted().toArray();
    }
    Random random = new Random(SEED);
    int hits = 0;
    int boxes = 500;
    for (int i = 0; i < boxes; i++) {
      double[] low = new double[2];
      double[] high = new double[2];
      for (int c = 0; c < 2; c++) {
        int from = random.nextInt(rows.size() * 9 / 10);
        low[c] = sorted[c][from];
        high[c] = sorted[c][from + rows.size() / 10];
      }
      for (double[] box : bounds) {
        hits +=
            box[0] <= high[0] && box[1] >= low[0] && box[2] <= high[1] && box[3] >= low[1] ? 1 : 0;
      }
    }
    return (double) hits / boxes;
  }

  private static double value(List<Record> rows, int row, int column) {
    return ((Number) rows.get(row).get(column)).doubleValue();
  }
}
