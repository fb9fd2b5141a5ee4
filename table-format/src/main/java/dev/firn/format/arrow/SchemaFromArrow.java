package dev.firn.format.arrow;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/** The natural Iceberg schema of one Arrow schema. Confined to one thread. */
final class SchemaFromArrow {
  private final org.apache.arrow.vector.types.pojo.Schema schema;
  private final DictionaryProvider dictionaries;
  private final Set<Integer> given = new HashSet<>();
  private boolean idsUsable = true;
  private int lastId;

  SchemaFromArrow(
      org.apache.arrow.vector.types.pojo.Schema schema, DictionaryProvider dictionaries) {
    this.schema = schema;
    this.dictionaries = dictionaries;
  }

  Schema schema() {
    schema.getFields().forEach(this::collectIds);
    lastId = given.stream().mapToInt(Integer::intValue).max().orElse(0);
    List<NestedField> columns = new ArrayList<>();
    for (Field field : schema.getFields()) {
      columns.add(field(field, field.getName(), field.getName(), id(field)));
    }
    try {
      return new Schema(columns);
    } catch (RuntimeException e) {
      // Two columns of one name, which Arrow allows and Iceberg does not.
      throw new FirnException(
          ErrorKind.INVALID, "Cannot make a table schema of an Arrow schema: " + e.getMessage(), e);
    }
  }

  private void collectIds(Field field) {
    int id = carriedId(field);
    // Ids that are there twice come from pasting schemas together, and mean nothing any more.
    idsUsable &= id < 0 || given.add(id);
    field.getChildren().forEach(this::collectIds);
  }

  private static int carriedId(Field field) {
    String id = field.getMetadata().get(ArrowSchemas.FIELD_ID);
    return id != null && id.matches("[1-9][0-9]{0,8}") ? Integer.parseInt(id) : -1;
  }

  private int id(Field field) {
    int carried = idsUsable ? carriedId(field) : -1;
    return carried > 0 ? carried : ++lastId;
  }

  private NestedField field(Field field, String name, String path, int id) {
    Type type = type(field, path);
    return field.isNullable()
        ? NestedField.optional(id, name, type)
        : NestedField.required(id, name, type);
  }

  private Type type(Field field, String path) {
    if (field.getDictionary() != null) {
      return dictionaryType(field, path);
    }
    String extension = field.getMetadata().get(ArrowSchemas.EXTENSION_NAME);
    ArrowType type = field.getType();
    if (ArrowSchemas.VARIANT_EXTENSION.equals(extension) && type instanceof ArrowType.Struct) {
      return Types.VariantType.get();
    }
    if (type instanceof ArrowType.FixedSizeBinary fixed) {
      boolean uuid = ArrowSchemas.UUID_EXTENSION.equals(extension) && fixed.getByteWidth() == 16;
      return uuid ? Types.UUIDType.get() : Types.FixedType.ofLength(fixed.getByteWidth());
    }
    return switch (type.getTypeID()) {
      case Struct -> struct(field, path);
      case List, LargeList, FixedSizeList, ListView -> list(field, path);
      case Map -> map(field, path);
      default -> primitive(type, path);
    };
  }

  private Type dictionaryType(Field field, String path) {
    Dictionary dictionary = dictionaries.lookup(field.getDictionary().getId());
    if (dictionary == null) {
      throw unsupported(path, "dictionary-encoded without its dictionary");
    }
    return type(dictionary.getVector().getField(), path);
  }

  private Type struct(Field field, String path) {
    List<NestedField> fields = new ArrayList<>();
    for (Field child : field.getChildren()) {
      fields.add(field(child, child.getName(), path + "." + child.getName(), id(child)));
    }
    return Types.StructType.of(fields);
  }

  private Type list(Field field, String path) {
    Field element = field.getChildren().get(0);
    int id = id(element);
    Type type = type(element, path + ".element");
    return element.isNullable()
        ? Types.ListType.ofOptional(id, type)
        : Types.ListType.ofRequired(id, type);
  }

  private Type map(Field field, String path) {
    Field key = field.getChildren().get(0).getChildren().get(0);
    Field value = field.getChildren().get(0).getChildren().get(1);
    int keyId = id(key);
    int valueId = id(value);
    Type keyType = type(key, path + ".key");
    Type valueType = type(value, path + ".value");
    return value.isNullable()
        ? Types.MapType.ofOptional(keyId, valueId, keyType, valueType)
        : Types.MapType.ofRequired(keyId, valueId, keyType, valueType);
  }

  private static Type primitive(ArrowType type, String path) {
    if (type instanceof ArrowType.ExtensionType extension) {
      return primitive(extension.storageType(), path);
    }
    return switch (type.getTypeID()) {
      case Null -> Types.UnknownType.get();
      case Bool -> Types.BooleanType.get();
      case Int -> integer((ArrowType.Int) type);
      case FloatingPoint ->
          ((ArrowType.FloatingPoint) type).getPrecision() == FloatingPointPrecision.DOUBLE
              ? Types.DoubleType.get()
              : Types.FloatType.get();
      case Decimal -> decimal((ArrowType.Decimal) type, path);
      case Date -> Types.DateType.get();
      case Time -> Types.TimeType.get();
      case Timestamp -> timestamp((ArrowType.Timestamp) type);
      case Utf8, LargeUtf8, Utf8View -> Types.StringType.get();
      case Binary, LargeBinary, BinaryView -> Types.BinaryType.get();
      default -> throw unsupported(path, type);
    };
  }

  private static Type integer(ArrowType.Int type) {
    int bits = type.getBitWidth();
    if (type.getIsSigned()) {
      return bits <= 32 ? Types.IntegerType.get() : Types.LongType.get();
    }
    if (bits <= 32) {
      return bits <= 16 ? Types.IntegerType.get() : Types.LongType.get();
    }
    return Types.DecimalType.of(20, 0);
  }

  private static Type decimal(ArrowType.Decimal type, String path) {
    if (type.getPrecision() > 38 || type.getScale() < 0 || type.getScale() > type.getPrecision()) {
      throw unsupported(path, type);
    }
    return Types.DecimalType.of(type.getPrecision(), type.getScale());
  }

  private static Type timestamp(ArrowType.Timestamp type) {
    boolean zoned = type.getTimezone() != null;
    if (type.getUnit() == TimeUnit.NANOSECOND) {
      return zoned ? Types.TimestampNanoType.withZone() : Types.TimestampNanoType.withoutZone();
    }
    return zoned ? Types.TimestampType.withZone() : Types.TimestampType.withoutZone();
  }

  private static FirnException unsupported(String path, Object type) {
    return FirnException.invalid(
        "Cannot make a table column of Arrow column "
            + path
            + ": no Iceberg type holds it, got "
            + type
            + "; convert the column first");
  }
}
