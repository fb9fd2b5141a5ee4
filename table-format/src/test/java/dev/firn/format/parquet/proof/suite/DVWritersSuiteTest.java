package dev.firn.format.parquet.proof.suite;

import java.util.List;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.FileWriterFactory;
import org.apache.iceberg.io.TestDVWriters;
import org.apache.iceberg.util.StructLikeSet;

/** Iceberg's suite {@code TestDVWriters} over files that we write, read back by Iceberg. */
class DVWritersSuiteTest extends TestDVWriters<EngineRow> {
  @Override
  protected FileWriterFactory<EngineRow> newWriterFactory(
      Schema dataSchema,
      List<Integer> equalityFieldIds,
      Schema equalityDeleteRowSchema,
      Schema positionDeleteRowSchema) {
    return new EngineWriterFactory(
        table, FileFormat.PARQUET, dataSchema, equalityFieldIds, equalityDeleteRowSchema);
  }

  @Override
  protected EngineRow toRow(Integer id, String data) {
    return EngineWriterFactory.row(table, id, data);
  }

  @Override
  protected StructLikeSet toSet(Iterable<EngineRow> rows) {
    return EngineWriterFactory.set(table, rows);
  }
}
