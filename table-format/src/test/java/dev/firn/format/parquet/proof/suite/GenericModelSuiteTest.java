package dev.firn.format.parquet.proof.suite;

import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.data.BaseFormatModelTests;
import org.apache.iceberg.data.DataTestHelpers;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.formats.FormatModel;
import org.apache.iceberg.types.Type;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * The same suite as {@link FormatModelSuiteTest}, with our model in the place of Iceberg's own for
 * its generic records: the suite writes most files, and takes all metrics, through that one.
 */
class GenericModelSuiteTest extends BaseFormatModelTests<Record> {
  private static FormatModel<?, ?> icebergs;

  @BeforeAll
  static void takeIcebergsPlace() {
    icebergs = Registry.replace(new FirnParquetModel<>(Boxing.generic()));
  }

  @AfterAll
  static void giveItBack() {
    Registry.replace(icebergs);
  }

  @Override
  protected Class<Record> engineType() {
    return Record.class;
  }

  @Override
  protected Object engineSchema(Schema schema) {
    return schema;
  }

  @Override
  protected Record convertToEngine(Record record, Schema schema) {
    return record;
  }

  @Override
  protected void assertEquals(Schema schema, List<Record> expected, List<Record> actual) {
    DataTestHelpers.assertEquals(schema.asStruct(), expected, actual);
  }

  @Override
  protected Object convertConstantToEngine(Type type, Object value) {
    return value instanceof StructLike struct
        ? FormatModelSuiteTest.record(type.asStructType(), struct)
        : value;
  }
}
