package dev.firn.format.parquet.proof.suite;

import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.FileWriterFactory;
import org.apache.iceberg.io.TestRollingFileWriters;

/**
 * Iceberg's suite {@code TestRollingFileWriters} over files that we write, read back by Iceberg.
 */
class RollingFileWritersSuiteTest extends TestRollingFileWriters<EngineRow> {
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
}
