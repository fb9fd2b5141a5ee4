package dev.firn.format.arrow;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/** Iceberg schemas as Arrow schemas, both ways. Stateless. */
public final class ArrowSchemas {
  static final String FIELD_ID = "PARQUET:field_id";
  static final String EXTENSION_NAME = "ARROW:extension:name";
  static final String EXTENSION_METADATA = "ARROW:extension:metadata";
  static final String UUID_EXTENSION = "arrow.uuid";
  static final String VARIANT_EXTENSION = "arrow.parquet.variant";
  static final String WKB_EXTENSION = "geoarrow.wkb";

  private ArrowSchemas() {}

  /**
   * Returns the Arrow schema that {@link ArrowBatchBuilder} fills. Field ids are kept in Arrow
   * field metadata under {@code PARQUET:field_id}; uuid and variant carry their Arrow extension
   * names.
   */
  public static org.apache.arrow.vector.types.pojo.Schema toArrow(Schema schema) {
    return new org.apache.arrow.vector.types.pojo.Schema(
        schema.columns().stream().map(ArrowSchemas::toArrow).toList());
  }

  /**
   * Returns the natural Iceberg schema of Arrow columns: narrow and unsigned integers widen
   * (unsigned 64 bits to decimal(20, 0)), half floats become floats, timestamps keep nanoseconds
   * and are microseconds otherwise. Ids are taken from {@code PARQUET:field_id}; fresh ids are
   * assigned where the fields carry none. A type that no Iceberg type holds (duration, interval,
   * union) is {@code INVALID} and names the column.
   */
  public static Schema fromArrow(org.apache.arrow.vector.types.pojo.Schema schema) {
    return fromArrow(schema, new DictionaryProvider.MapDictionaryProvider());
  }

  /** As {@link #fromArrow}, for batches with dictionary-encoded columns. */
  public static Schema fromArrow(
      org.apache.arrow.vector.types.pojo.Schema schema, DictionaryProvider dictionaries) {
    return new SchemaFromArrow(schema, dictionaries).schema();
  }

  private static Field toArrow(NestedField field) {
    return field(field.name(), field.isOptional(), field.type(), field.fieldId());
  }

  private static Field field(String name, boolean nullable, Type type, int id) {
    Map<String, String> metadata = new HashMap<>();
    metadata.put(FIELD_ID, Integer.toString(id));
    String extension = extension(type);
    if (extension != null) {
      metadata.put(EXTENSION_NAME, extension);
      metadata.put(EXTENSION_METADATA, "");
    }
    // Arrow's null type has no validity and is nullable by nature.
    boolean mayBeNull = nullable || type.typeId() == Type.TypeID.UNKNOWN;
    return new Field(
        name, new FieldType(mayBeNull, arrowType(type), null, metadata), children(type));
  }

  private static @Nullable String extension(Type type) {
    return switch (type.typeId()) {
      case UUID -> UUID_EXTENSION;
      case VARIANT -> VARIANT_EXTENSION;
      case GEOMETRY, GEOGRAPHY -> WKB_EXTENSION;
      default -> null;
    };
  }

  private static ArrowType arrowType(Type type) {
    return switch (type.typeId()) {
      case BOOLEAN -> ArrowType.Bool.INSTANCE;
      case INTEGER -> new ArrowType.Int(32, true);
      case LONG -> new ArrowType.Int(64, true);
      case FLOAT -> new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);
      case DOUBLE -> new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
      case DECIMAL -> {
        Types.DecimalType decimal = (Types.DecimalType) type;
        yield new ArrowType.Decimal(decimal.precision(), decimal.scale(), 128);
      }
      case DATE -> new ArrowType.Date(DateUnit.DAY);
      case TIME -> new ArrowType.Time(TimeUnit.MICROSECOND, 64);
      case TIMESTAMP ->
          timestamp(TimeUnit.MICROSECOND, ((Types.TimestampType) type).shouldAdjustToUTC());
      case TIMESTAMP_NANO ->
          timestamp(TimeUnit.NANOSECOND, ((Types.TimestampNanoType) type).shouldAdjustToUTC());
      case STRING -> ArrowType.Utf8.INSTANCE;
      case UUID -> new ArrowType.FixedSizeBinary(16);
      case FIXED -> new ArrowType.FixedSizeBinary(((Types.FixedType) type).length());
      case BINARY, GEOMETRY, GEOGRAPHY -> ArrowType.Binary.INSTANCE;
      case STRUCT, VARIANT -> ArrowType.Struct.INSTANCE;
      case LIST -> ArrowType.List.INSTANCE;
      case MAP -> new ArrowType.Map(false);
      case UNKNOWN -> ArrowType.Null.INSTANCE;
    };
  }

  private static ArrowType timestamp(TimeUnit unit, boolean zoned) {
    return new ArrowType.Timestamp(unit, zoned ? "UTC" : null);
  }

  private static List<Field> children(Type type) {
    List<Field> children = new ArrayList<>();
    switch (type.typeId()) {
      case STRUCT -> type.asStructType().fields().forEach(f -> children.add(toArrow(f)));
      case LIST -> children.add(toArrow(type.asListType().fields().get(0)));
      case MAP -> {
        List<Field> entry = type.asMapType().fields().stream().map(ArrowSchemas::toArrow).toList();
        children.add(
            new Field("entries", new FieldType(false, ArrowType.Struct.INSTANCE, null), entry));
      }
      case VARIANT -> {
        children.add(new Field("metadata", FieldType.notNullable(ArrowType.Binary.INSTANCE), null));
        children.add(new Field("value", FieldType.notNullable(ArrowType.Binary.INSTANCE), null));
      }
      default -> {}
    }
    return children;
  }
}
