package dev.firn.format.parquet.proof.suite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.PositionDelete;
import org.apache.iceberg.deletes.PositionDeleteWriter;
import org.apache.iceberg.io.FileWriterFactory;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.io.TestWriterMetrics;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.TestTemplate;

/**
 * Iceberg's suite {@code TestWriterMetrics}: which columns have metrics, of files that we write.
 */
class WriterMetricsSuiteTest extends TestWriterMetrics<EngineRow> {
  WriterMetricsSuiteTest(FileFormat fileFormat) {
    super(fileFormat);
  }

  @Override
  protected FileWriterFactory<EngineRow> newWriterFactory(Table sourceTable) {
    return new EngineWriterFactory(sourceTable, fileFormat, sourceTable.schema(), null, null);
  }

  @Override
  protected EngineRow toRow(Integer id, String data, boolean boolValue, Long longValue) {
    Record nested = GenericRecord.create(NESTED_FIELDS);
    nested.set(0, boolValue);
    nested.set(1, longValue);
    Record row = GenericRecord.create(SCHEMA);
    row.set(0, id);
    row.set(1, data);
    row.set(2, nested);
    return new EngineRow(row);
  }

  /** A row of integers, as many as {@code repeated}. */
  @Override
  protected EngineRow toGenericRow(int value, int repeated) {
    Record row = GenericRecord.create(integers(repeated));
    for (int i = 0; i < repeated; i++) {
      row.set(i, value);
    }
    return new EngineRow(row);
  }

  private static Schema integers(int count) {
    return new Schema(
        IntStream.range(0, count)
            .mapToObj(i -> NestedField.required(i, "col" + i, Types.IntegerType.get()))
            .toList());
  }

  /** Iceberg's asks for metrics of deleted rows too, which position deletes no longer carry. */
  @Override
  @TestTemplate
  public void testPositionDeleteMetrics() throws IOException {
    DeleteFile deletes = deleted("File A");

    assertThat(bounds(deletes.lowerBounds())).isEqualTo(bounds("File A"));
    assertThat(bounds(deletes.upperBounds())).isEqualTo(bounds("File A"));
  }

  /** As Iceberg's, without deleted rows. */
  @Override
  @TestTemplate
  public void testPositionDeleteMetricsCoveringMultipleDataFiles() throws IOException {
    DeleteFile deletes = deleted("File A", "File B");

    assertThat(deletes.lowerBounds()).isNull();
    assertThat(deletes.upperBounds()).isNull();
  }

  /** Deletes the second row of each file. */
  private DeleteFile deleted(String... dataFiles) throws IOException {
    PositionDeleteWriter<EngineRow> writer =
        newWriterFactory(table)
            .newPositionDeleteWriter(
                OutputFileFactory.builderFor(table, 1, 1)
                    .format(fileFormat)
                    .build()
                    .newOutputFile(),
                table.spec(),
                null);
    try (writer) {
      for (String dataFile : dataFiles) {
        writer.write(PositionDelete.<EngineRow>create().set(dataFile, 1));
      }
    }
    return writer.toDeleteFile();
  }

  private static Map<Integer, Object> bounds(String dataFile) {
    return Map.of(
        MetadataColumns.DELETE_FILE_PATH.fieldId(),
        dataFile,
        MetadataColumns.DELETE_FILE_POS.fieldId(),
        1L);
  }

  private static Map<Integer, Object> bounds(Map<Integer, ByteBuffer> encoded) {
    Map<Integer, Object> bounds = new HashMap<>();
    encoded.forEach(
        (id, value) -> {
          Object bound =
              Conversions.fromByteBuffer(
                  id == MetadataColumns.DELETE_FILE_PATH.fieldId()
                      ? Types.StringType.get()
                      : Types.LongType.get(),
                  value);
          bounds.put(id, bound instanceof CharSequence text ? text.toString() : bound);
        });
    return bounds;
  }
}
