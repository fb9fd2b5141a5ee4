package dev.firn.format.row;

import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.types.Types.StructType;
import org.jspecify.annotations.Nullable;

/** A record or bean class and a struct. Immutable. */
final class StructBinding implements ValueBinding {
  private final Class<?> type;
  private final JavaClass java;
  private final List<NestedField> fields;
  private final String path;
  private final GenericRecord template;
  private final Slot[] slots;
  private final @Nullable NestedField unwritable;

  /** A property, the position of its column, and the conversion. */
  private record Slot(
      JavaProperty property, int position, ValueBinding binding, boolean optional) {}

  StructBinding(Class<?> type, StructType struct, String path) {
    this.type = type;
    this.java = JavaClass.of(type);
    this.fields = struct.fields();
    this.path = path;
    this.template = GenericRecord.create(struct);
    this.slots = new Slot[java.properties().size()];
    boolean[] bound = new boolean[fields.size()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = slot(java.properties().get(i), bound);
    }
    this.unwritable = fillDefaults(bound);
  }

  private Slot slot(JavaProperty property, boolean[] bound) {
    int position = position(property.name());
    if (bound[position]) {
      throw FirnException.invalid(
          "Cannot bind class "
              + type.getName()
              + ": two components name column "
              + path
              + fields.get(position).name());
    }
    bound[position] = true;
    NestedField field = fields.get(position);
    Type javaType = property.type();
    boolean optional = JavaTypes.raw(javaType) == Optional.class;
    Type inner = optional ? JavaTypes.argument(javaType, 0) : javaType;
    ValueBinding binding = ValueBindings.of(inner, field.type(), path + field.name());
    if (binding == null) {
      throw mismatch(property, field, javaType.getTypeName());
    }
    return new Slot(property, position, binding, optional);
  }

  private int position(String name) {
    int found = -1;
    int matches = 0;
    for (int i = 0; i < fields.size(); i++) {
      if (fields.get(i).name().equals(name)) {
        return i;
      }
      if (fields.get(i).name().equalsIgnoreCase(name)) {
        found = i;
        matches++;
      }
    }
    if (matches == 1) {
      return found;
    }
    List<String> names = fields.stream().map(NestedField::name).toList();
    throw FirnException.invalid(
        "Cannot bind class "
            + type.getName()
            + ": component "
            + name
            + (matches == 0 ? " has no column" : " names several columns but for case")
            + (path.isEmpty() ? "" : " in " + path.substring(0, path.length() - 1))
            + NearMatch.hint(name, names));
  }

  /** Puts write defaults in the template; returns a required column that nothing fills. */
  private @Nullable NestedField fillDefaults(boolean[] bound) {
    NestedField missing = null;
    for (int i = 0; i < bound.length; i++) {
      if (!bound[i]) {
        NestedField field = fields.get(i);
        template.set(i, WriteDefaults.of(field));
        missing = field.isRequired() && template.get(i) == null ? field : missing;
      }
    }
    return missing;
  }

  @Override
  public Record toIceberg(Object object) {
    if (unwritable != null) {
      throw FirnException.invalid(
          "Cannot write a "
              + type.getName()
              + ": it has no component for required column "
              + path
              + unwritable.name()
              + ", expected one for "
              + unwritable.type());
    }
    GenericRecord row = template.copy();
    for (Slot slot : slots) {
      Object value = java.read(slot.property(), object);
      if (slot.optional() && value != null) {
        value = ((Optional<?>) value).orElse(null);
      }
      row.set(slot.position(), value == null ? absent(slot) : toIceberg(slot, value));
    }
    return row;
  }

  private @Nullable Object absent(Slot slot) {
    NestedField field = fields.get(slot.position());
    if (field.isRequired()) {
      throw mismatch(slot.property(), field, "null");
    }
    return null;
  }

  private Object toIceberg(Slot slot, Object value) {
    try {
      return slot.binding().toIceberg(value);
    } catch (ArithmeticException | ClassCastException | IllegalArgumentException e) {
      throw mismatch(slot.property(), fields.get(slot.position()), ShownValue.of(value));
    }
  }

  @Override
  public Object fromIceberg(Object value) {
    Record row = (Record) value;
    Object[] values = new Object[slots.length];
    for (int i = 0; i < slots.length; i++) {
      Object field = row.get(slots[i].position());
      Object converted = field == null ? null : fromIceberg(slots[i], field);
      if (slots[i].optional()) {
        converted = Optional.ofNullable(converted);
      } else if (converted == null && JavaTypes.raw(slots[i].property().type()).isPrimitive()) {
        throw unreadable(slots[i], "null");
      }
      values[i] = converted;
    }
    return java.create(values);
  }

  private Object fromIceberg(Slot slot, Object value) {
    try {
      return slot.binding().fromIceberg(value);
    } catch (ArithmeticException | ClassCastException | IllegalArgumentException e) {
      throw unreadable(slot, ShownValue.of(value));
    }
  }

  private FirnException unreadable(Slot slot, String value) {
    return FirnException.invalid(
        "Cannot make a "
            + type.getName()
            + " of a row: component "
            + slot.property().name()
            + " does not take column "
            + path
            + fields.get(slot.position()).name()
            + ", expected "
            + slot.property().type().getTypeName()
            + ", got "
            + fields.get(slot.position()).type()
            + " "
            + value);
  }

  private FirnException mismatch(JavaProperty property, NestedField field, String got) {
    return FirnException.invalid(
        "Cannot bind class "
            + type.getName()
            + ": component "
            + property.name()
            + " does not fit column "
            + path
            + field.name()
            + ", expected "
            + (field.isRequired() ? "required " : "")
            + field.type()
            + ", got "
            + (got.equals(property.type().getTypeName())
                ? got
                : property.type().getTypeName() + " " + got));
  }
}
