package dev.firn.format.parquet.proof.suite;

import java.util.stream.IntStream;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.FileWriterFactory;
import org.apache.iceberg.io.TestWriterMetrics;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.Disabled;
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

  @Disabled("asks for metrics of deleted rows, which position deletes no longer carry")
  @Override
  @TestTemplate
  public void testPositionDeleteMetrics() {}

  @Disabled("asks for metrics of deleted rows, which position deletes no longer carry")
  @Override
  @TestTemplate
  public void testPositionDeleteMetricsCoveringMultipleDataFiles() {}
}
