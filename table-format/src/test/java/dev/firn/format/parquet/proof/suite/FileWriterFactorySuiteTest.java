package dev.firn.format.parquet.proof.suite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.BaseDeleteLoader;
import org.apache.iceberg.deletes.PositionDelete;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.deletes.PositionDeleteWriter;
import org.apache.iceberg.io.FileWriterFactory;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.io.TestFileWriterFactory;
import org.apache.iceberg.util.StructLikeSet;
import org.junit.jupiter.api.TestTemplate;

/** Iceberg's suite {@code TestFileWriterFactory} over files that we write, read back by Iceberg. */
class FileWriterFactorySuiteTest extends TestFileWriterFactory<EngineRow> {
  @Override
  protected FileWriterFactory<EngineRow> newWriterFactory(
      Schema dataSchema,
      List<Integer> equalityFieldIds,
      Schema equalityDeleteRowSchema,
      Schema positionDeleteRowSchema) {
    return new EngineWriterFactory(
        table, format(), dataSchema, equalityFieldIds, equalityDeleteRowSchema);
  }

  @Override
  protected EngineRow toRow(Integer id, String data) {
    return EngineWriterFactory.row(table, id, data);
  }

  @Override
  protected StructLikeSet toSet(Iterable<EngineRow> rows) {
    return EngineWriterFactory.set(table, rows);
  }

  /** Rows of position deletes were taken out of Iceberg, whose own suite expects them still. */
  @Override
  @TestTemplate
  @SuppressWarnings("deprecation") // the row is what is tested
  public void testPositionDeleteWriterWithRow() throws IOException {
    PositionDeleteWriter<EngineRow> writer =
        newWriterFactory(table.schema(), table.schema())
            .newPositionDeleteWriter(
                OutputFileFactory.builderFor(table, 1, 1).format(format()).build().newOutputFile(),
                PartitionSpec.unpartitioned(),
                null);
    try (writer) {
      writer.write(PositionDelete.<EngineRow>create().set("File A", 3, toRow(1, "aaa")));
    }
    PositionDeleteIndex deleted =
        new BaseDeleteLoader(file -> table.io().newInputFile(file.location()))
            .loadPositionDeletes(List.of(writer.toDeleteFile()), "File A");
    assertThat(deleted.cardinality()).isEqualTo(1);
    assertThat(deleted.isDeleted(3)).isTrue();
  }
}
