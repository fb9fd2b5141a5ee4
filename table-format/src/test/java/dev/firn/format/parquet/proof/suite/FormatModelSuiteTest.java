package dev.firn.format.parquet.proof.suite;

import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.data.BaseFormatModelTests;
import org.apache.iceberg.data.DataTestHelpers;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/**
 * Iceberg's suite for format models: files of an engine whose Parquet goes through our reader and
 * writer, against Iceberg's generic ones. Its {@code assumeSupports} leaves out what Avro and ORC,
 * which are Iceberg's own here, do not have; of Parquet nothing is left out.
 */
class FormatModelSuiteTest extends BaseFormatModelTests<EngineRow> {
  static {
    EngineModels.register();
  }

  @Override
  protected Class<EngineRow> engineType() {
    return EngineRow.class;
  }

  @Override
  protected Object engineSchema(Schema schema) {
    return schema;
  }

  @Override
  protected EngineRow convertToEngine(Record record, Schema schema) {
    return new EngineRow(record);
  }

  @Override
  protected void assertEquals(Schema schema, List<EngineRow> expected, List<EngineRow> actual) {
    DataTestHelpers.assertEquals(
        schema.asStruct(),
        expected.stream().map(EngineRow::row).toList(),
        actual.stream().map(EngineRow::row).toList());
  }

  /** Partitions as records of the wanted type, which may have fewer or more fields. */
  @Override
  protected Object convertConstantToEngine(Type type, Object value) {
    return value instanceof StructLike struct ? record(type.asStructType(), struct) : value;
  }

  static Record record(Types.StructType type, StructLike struct) {
    Record record = GenericRecord.create(type);
    for (int i = 0; i < Math.min(struct.size(), type.fields().size()); i++) {
      record.set(i, struct.get(i, Object.class));
    }
    return record;
  }
}
