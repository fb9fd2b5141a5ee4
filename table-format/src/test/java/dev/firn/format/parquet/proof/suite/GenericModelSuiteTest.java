package dev.firn.format.parquet.proof.suite;

import java.lang.reflect.Field;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.data.BaseFormatModelTests;
import org.apache.iceberg.data.DataTestHelpers;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.formats.FormatModel;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.util.Pair;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * The same suite as {@link FormatModelSuiteTest}, with our model in the place of Iceberg's own for
 * its generic records: the suite writes most files, and takes all metrics, through that one.
 */
class GenericModelSuiteTest extends BaseFormatModelTests<Record> {
  private static FormatModel<?, ?> icebergs;

  @BeforeAll
  static void takeIcebergsPlace() throws ReflectiveOperationException {
    icebergs = models().put(key(), new FirnParquetModel<>(Boxing.generic()));
  }

  @AfterAll
  static void giveItBack() throws ReflectiveOperationException {
    models().put(key(), icebergs);
  }

  private static Pair<FileFormat, Class<?>> key() {
    return Pair.of(FileFormat.PARQUET, Record.class);
  }

  /** The registry has no way to replace a model; tests of this JVM run one after the other. */
  @SuppressWarnings("unchecked")
  private static Map<Pair<FileFormat, Class<?>>, FormatModel<?, ?>> models()
      throws ReflectiveOperationException {
    Field models = FormatModelRegistry.class.getDeclaredField("MODELS");
    models.setAccessible(true);
    return (Map<Pair<FileFormat, Class<?>>, FormatModel<?, ?>>) models.get(null);
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
