package dev.firn.format.parquet.write;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.format.arrow.RandomRows;
import dev.firn.format.parquet.checksum.FooterSum;
import dev.firn.testing.ArrowLeakCheck;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What our writer says of a file, against what Iceberg's writer says of the same rows. */
@ExtendWith(ArrowLeakCheck.class)
class WrittenMetricsTest {
  private static final long SEED = Long.getLong("firn.seed", 99);

  private static void assertSame(Metrics ours, Metrics theirs, Object of) {
    assertThat(ours.recordCount()).as("rows of %s", of).isEqualTo(theirs.recordCount());
    assertThat(ours.columnSizes().keySet())
        .as("sizes of %s", of)
        .isEqualTo(theirs.columnSizes().keySet());
    assertThat(ours.valueCounts()).as("values of %s", of).isEqualTo(theirs.valueCounts());
    assertThat(ours.nullValueCounts()).as("nulls of %s", of).isEqualTo(theirs.nullValueCounts());
    assertThat(ours.nanValueCounts()).as("NaNs of %s", of).isEqualTo(theirs.nanValueCounts());
    assertThat(ours.lowerBounds()).as("lower of %s", of).isEqualTo(theirs.lowerBounds());
    assertThat(ours.upperBounds()).as("upper of %s", of).isEqualTo(theirs.upperBounds());
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "counts", "truncate(16)", "truncate(3)", "full"})
  void metricsAreIcebergs(String mode, BufferAllocator allocator) {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    RandomRows rows = new RandomRows(random);
    String[] properties = {
      "write.metadata.metrics.default", mode, "write.parquet.row-group-size-bytes", "4000"
    };
    for (int round = 0; round < 40; round++) {
      Schema schema = round == 0 ? rows.flatSchema() : rows.schema();
      if (round > 0 && !ParquetWriterTest.storable(schema)) {
        continue;
      }
      List<Record> data = rows.rows(schema, 1 + random.nextInt(200));
      WrittenFile ours =
          WrittenFile.ours(schema, data, 60, WrittenFile.settings(properties), allocator);
      WrittenFile theirs = WrittenFile.icebergs(schema, data, properties);
      assertSame(ours.metrics(), theirs.metrics(), schema);
    }
  }

  @Test
  void modesOfColumnsHoldWhateverTheirNames(BufferAllocator allocator) {
    Schema schema =
        new Schema(
            required(1, "a b", Types.StringType.get()),
            optional(2, "x.y", Types.StructType.of(optional(3, "1z", Types.StringType.get()))));
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Record row = GenericRecord.create(schema);
      row.set(0, "some long text " + i);
      Record inner = GenericRecord.create(schema.findType("x.y").asStructType());
      inner.set(0, "another long text " + i);
      row.set(1, i % 2 == 0 ? inner : null);
      rows.add(row);
    }
    String[] properties = {
      "write.metadata.metrics.default",
      "none",
      "write.metadata.metrics.column.a b",
      "truncate(4)",
      "write.metadata.metrics.column.x.y.1z",
      "full"
    };
    WrittenFile ours =
        WrittenFile.ours(schema, rows, 4, WrittenFile.settings(properties), allocator);
    WrittenFile theirs = WrittenFile.icebergs(schema, rows, properties);
    assertThat(theirs.metrics().lowerBounds()).containsOnlyKeys(1, 3);
    assertSame(ours.metrics(), theirs.metrics(), schema);
  }

  @Test
  void footerStatisticsAreParquetJavas(BufferAllocator allocator) throws IOException {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    RandomRows rows = new RandomRows(random);
    for (int round = 0; round < 30; round++) {
      Schema schema = round == 0 ? rows.flatSchema() : rows.schema();
      if (round > 0 && !ParquetWriterTest.storable(schema)) {
        continue;
      }
      List<Record> data = rows.rows(schema, 1 + random.nextInt(300));
      WrittenFile ours =
          WrittenFile.ours(
              schema,
              data,
              50,
              WrittenFile.settings("write.parquet.page-row-limit", "37"),
              allocator);
      WrittenFile theirs = WrittenFile.icebergs(schema, data, "write.parquet.page-row-limit", "37");
      assertSameStatistics(ours.footer(), theirs.footer());
    }
  }

  private static void assertSameStatistics(ParquetMetadata ours, ParquetMetadata theirs) {
    assertThat(ours.getFileMetaData().getSchema()).isEqualTo(theirs.getFileMetaData().getSchema());
    Map<String, String> pairs = new HashMap<>(ours.getFileMetaData().getKeyValueMetaData());
    assertThat(pairs.remove(FooterSum.KEY)).isNotNull();
    assertThat(pairs).isEqualTo(theirs.getFileMetaData().getKeyValueMetaData());
    assertThat(ours.getFileMetaData().getCreatedBy())
        .isEqualTo(theirs.getFileMetaData().getCreatedBy());
    List<ColumnChunkMetaData> mine = ours.getBlocks().get(0).getColumns();
    List<ColumnChunkMetaData> their = theirs.getBlocks().get(0).getColumns();
    for (int i = 0; i < mine.size(); i++) {
      Statistics<?> a = mine.get(i).getStatistics();
      Statistics<?> b = their.get(i).getStatistics();
      assertThat(mine.get(i).getValueCount()).isEqualTo(their.get(i).getValueCount());
      assertThat(a).as("%s", mine.get(i).getPath()).isEqualTo(b);
      assertThat(mine.get(i).getSizeStatistics().getDefinitionLevelHistogram())
          .isEqualTo(their.get(i).getSizeStatistics().getDefinitionLevelHistogram());
      assertThat(mine.get(i).getSizeStatistics().getRepetitionLevelHistogram())
          .isEqualTo(their.get(i).getSizeStatistics().getRepetitionLevelHistogram());
      assertThat(mine.get(i).getSizeStatistics().getUnencodedByteArrayDataBytes())
          .isEqualTo(their.get(i).getSizeStatistics().getUnencodedByteArrayDataBytes());
    }
  }
}
