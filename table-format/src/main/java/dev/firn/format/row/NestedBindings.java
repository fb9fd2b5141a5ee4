package dev.firn.format.row;

import java.lang.reflect.Array;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types.ListType;
import org.apache.iceberg.types.Types.MapType;
import org.jspecify.annotations.Nullable;

/** The bindings of structs, lists and maps. Stateless. */
final class NestedBindings {
  private NestedBindings() {}

  static @Nullable ValueBinding of(
      Type java, org.apache.iceberg.types.Type iceberg, String column) {
    Class<?> raw = JavaTypes.raw(java);
    return switch (iceberg.typeId()) {
      case LIST -> lists(java, raw, iceberg.asListType(), column);
      case MAP -> raw == Map.class ? maps(java, iceberg.asMapType(), column) : null;
      default -> {
        if (Record.class.isAssignableFrom(raw)) {
          yield ValueBindings.binding(v -> v, v -> v);
        }
        boolean structured = raw.isRecord() || !raw.getName().startsWith("java.");
        yield structured && !raw.isEnum() && !raw.isArray() && !raw.isPrimitive()
            ? new StructBinding(raw, iceberg.asStructType(), column + ".")
            : null;
      }
    };
  }

  private static @Nullable ValueBinding lists(
      Type java, Class<?> raw, ListType type, String column) {
    boolean set = raw == Set.class;
    boolean array = raw.isArray();
    if (!array && !set && raw != List.class && raw != Collection.class) {
      return null;
    }
    Type elementType = array ? JavaTypes.component(java) : JavaTypes.argument(java, 0);
    ValueBinding element = ValueBindings.of(elementType, type.elementType(), column + ".element");
    if (element == null) {
      return null;
    }
    if (array) {
      Class<?> component = JavaTypes.raw(elementType);
      return ValueBindings.binding(
          v -> arrayToList(v, element, type), v -> listToArray((List<?>) v, element, component));
    }
    return ValueBindings.binding(
        v -> toList((Collection<?>) v, element, type),
        v -> fromList((List<?>) v, element, set ? new LinkedHashSet<>() : new ArrayList<>()));
  }

  private static Object toList(Collection<?> values, ValueBinding element, ListType type) {
    List<@Nullable Object> list = new ArrayList<>(values.size());
    for (Object value : values) {
      list.add(value == null ? none(type.isElementRequired()) : element.toIceberg(value));
    }
    return list;
  }

  private static Object fromList(
      List<?> list, ValueBinding element, Collection<@Nullable Object> into) {
    for (Object value : list) {
      into.add(value == null ? null : element.fromIceberg(value));
    }
    return into;
  }

  private static Object arrayToList(Object array, ValueBinding element, ListType type) {
    int length = Array.getLength(array);
    List<@Nullable Object> values = new ArrayList<>(length);
    for (int i = 0; i < length; i++) {
      values.add(Array.get(array, i));
    }
    return toList(values, element, type);
  }

  private static Object listToArray(List<?> list, ValueBinding element, Class<?> component) {
    Object array = Array.newInstance(component, list.size());
    for (int i = 0; i < list.size(); i++) {
      Object value = list.get(i);
      // A null for a primitive component is an IllegalArgumentException, reported as a misfit.
      Array.set(
          array, i, value == null ? none(component.isPrimitive()) : element.fromIceberg(value));
    }
    return array;
  }

  private static @Nullable Object none(boolean required) {
    if (required) {
      throw new IllegalArgumentException("null where a value is required");
    }
    return null;
  }

  private static @Nullable ValueBinding maps(Type java, MapType type, String column) {
    ValueBinding key =
        ValueBindings.of(JavaTypes.argument(java, 0), type.keyType(), column + ".key");
    ValueBinding value =
        ValueBindings.of(JavaTypes.argument(java, 1), type.valueType(), column + ".value");
    if (key == null || value == null) {
      return null;
    }
    return ValueBindings.binding(
        v -> {
          Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
          ((Map<?, ?>) v)
              .forEach(
                  (k, x) ->
                      map.put(
                          k == null ? none(true) : key.toIceberg(k),
                          x == null ? none(type.isValueRequired()) : value.toIceberg(x)));
          return map;
        },
        v -> {
          Map<Object, @Nullable Object> map = new LinkedHashMap<>();
          ((Map<?, ?>) v)
              .forEach(
                  (k, x) -> map.put(key.fromIceberg(k), x == null ? null : value.fromIceberg(x)));
          return map;
        });
  }
}
