package dev.firn.format.row;

import dev.firn.error.FirnException;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.variants.Variant;

/** The schema that a class implies. Confined to one thread. */
final class SchemaInference {
  private static final Map<Class<?>, org.apache.iceberg.types.Type> PRIMITIVES = primitives();

  private final Set<Class<?>> enclosing = new LinkedHashSet<>();
  private int lastId;

  private static Map<Class<?>, org.apache.iceberg.types.Type> primitives() {
    Map<Class<?>, org.apache.iceberg.types.Type> types = new HashMap<>();
    types.put(Boolean.class, Types.BooleanType.get());
    types.put(Byte.class, Types.IntegerType.get());
    types.put(Short.class, Types.IntegerType.get());
    types.put(Integer.class, Types.IntegerType.get());
    types.put(Long.class, Types.LongType.get());
    types.put(Float.class, Types.FloatType.get());
    types.put(Double.class, Types.DoubleType.get());
    types.put(BigDecimal.class, Types.DecimalType.of(38, 10));
    types.put(BigInteger.class, Types.DecimalType.of(38, 0));
    types.put(String.class, Types.StringType.get());
    types.put(CharSequence.class, Types.StringType.get());
    types.put(UUID.class, Types.UUIDType.get());
    types.put(LocalDate.class, Types.DateType.get());
    types.put(LocalTime.class, Types.TimeType.get());
    types.put(LocalDateTime.class, Types.TimestampType.withoutZone());
    types.put(Instant.class, Types.TimestampType.withZone());
    types.put(OffsetDateTime.class, Types.TimestampType.withZone());
    types.put(ZonedDateTime.class, Types.TimestampType.withZone());
    types.put(byte[].class, Types.BinaryType.get());
    types.put(ByteBuffer.class, Types.BinaryType.get());
    types.put(Variant.class, Types.VariantType.get());
    return Map.copyOf(types);
  }

  Schema schema(Class<?> type) {
    return new Schema(fields(type));
  }

  private List<NestedField> fields(Class<?> type) {
    if (!enclosing.add(type)) {
      throw FirnException.invalid(
          "Cannot infer a schema of class " + type.getName() + ": it contains itself");
    }
    List<NestedField> fields = new ArrayList<>();
    for (JavaProperty property : JavaClass.of(type).properties()) {
      int id = ++lastId;
      boolean required = JavaTypes.raw(property.type()).isPrimitive();
      org.apache.iceberg.types.Type column = type(property.type(), type, property.name());
      fields.add(
          required
              ? NestedField.required(id, property.name(), column)
              : NestedField.optional(id, property.name(), column));
    }
    enclosing.remove(type);
    return fields;
  }

  private org.apache.iceberg.types.Type type(Type java, Class<?> owner, String component) {
    Class<?> raw = JavaTypes.boxed(JavaTypes.raw(java));
    org.apache.iceberg.types.Type primitive =
        raw.isEnum() ? Types.StringType.get() : PRIMITIVES.get(raw);
    if (primitive != null) {
      return primitive;
    }
    if (raw == Optional.class) {
      return type(JavaTypes.argument(java, 0), owner, component);
    }
    if (raw.isArray() || raw == List.class || raw == Set.class || raw == Collection.class) {
      Type element = raw.isArray() ? JavaTypes.component(java) : JavaTypes.argument(java, 0);
      int id = ++lastId;
      org.apache.iceberg.types.Type type = type(element, owner, component);
      return JavaTypes.raw(element).isPrimitive()
          ? Types.ListType.ofRequired(id, type)
          : Types.ListType.ofOptional(id, type);
    }
    if (raw == Map.class) {
      int key = ++lastId;
      int value = ++lastId;
      return Types.MapType.ofOptional(
          key,
          value,
          type(JavaTypes.argument(java, 0), owner, component),
          type(JavaTypes.argument(java, 1), owner, component));
    }
    if (raw.getName().startsWith("java.")) {
      throw FirnException.invalid(
          "Cannot infer a schema of class "
              + owner.getName()
              + ": component "
              + component
              + " has a type that no column type holds, got "
              + java.getTypeName());
    }
    return Types.StructType.of(fields(raw));
  }
}
