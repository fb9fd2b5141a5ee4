package dev.firn.format.parquet.proof.suite;

import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.FirnException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.DataTestBase;
import org.apache.iceberg.data.DataTestHelpers;
import org.apache.iceberg.data.RandomGenericData;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.inmemory.InMemoryOutputFile;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileAppender;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;

/**
 * Iceberg's suite of types and defaults, written and read by us. Left out: geometry and geography,
 * which Iceberg 1.11.0 itself does not write to Parquet.
 */
class DataSuiteTest extends DataTestBase {
  @Override
  protected boolean supportsDefaultValues() {
    return true;
  }

  @Override
  protected boolean supportsUnknown() {
    return true;
  }

  @Override
  protected boolean supportsTimestampNanos() {
    return true;
  }

  @Override
  protected boolean supportsVariant() {
    return true;
  }

  @Override
  protected boolean supportsRowLineage() {
    return true;
  }

  @Override
  protected void writeAndValidate(Schema schema) throws IOException {
    writeAndValidate(schema, schema);
  }

  @Override
  protected void writeAndValidate(Schema schema, List<Record> data) throws IOException {
    writeAndValidate(schema, schema, data);
  }

  @Override
  protected void writeAndValidate(Schema writeSchema, Schema readSchema) throws IOException {
    writeAndValidate(writeSchema, readSchema, RandomGenericData.generate(writeSchema, 100, 12228L));
  }

  private static void writeAndValidate(Schema writeSchema, Schema readSchema, List<Record> data)
      throws IOException {
    OutputFile file = new InMemoryOutputFile();
    try (FileAppender<Record> appender =
        new FirnWriteBuilder<>(file, Boxing.generic())
            .schema(writeSchema)
            .metricsConfig(MetricsConfig.getDefault())
            .build()) {
      appender.addAll(data);
    }
    List<Record> rows = new ArrayList<>();
    try (CloseableIterable<Record> read =
        new FirnReadBuilder<>(file.toInputFile(), Boxing.generic())
            .project(readSchema)
            .idToConstant(ID_TO_CONSTANT)
            .build()) {
      read.forEach(rows::add);
    }
    assertThat(rows).hasSameSizeAs(data);
    for (int row = 0; row < data.size(); row++) {
      DataTestHelpers.assertEquals(
          readSchema.asStruct(), data.get(row), rows.get(row), ID_TO_CONSTANT, row);
    }
  }

  /** The suite asks for Iceberg's own exception class; ours says the same and names the file. */
  @Test
  @Override
  public void testMissingRequiredWithoutDefault() {
    Schema writeSchema = new Schema(required(1, "id", Types.LongType.get()));
    Schema readSchema =
        new Schema(
            required(1, "id", Types.LongType.get()),
            required(6, "missing_str", Types.StringType.get()));

    assertThatThrownBy(() -> writeAndValidate(writeSchema, readSchema))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("missing_str")
        .hasMessageContaining("memory:");
  }
}
