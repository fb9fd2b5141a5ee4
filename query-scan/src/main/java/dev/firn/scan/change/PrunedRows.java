package dev.firn.scan.change;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.types.Types.StructType;
import org.jspecify.annotations.Nullable;

/** Leaves fields out of records at every level, those that a narrower type lacks. Stateless. */
final class PrunedRows {
  private PrunedRows() {}

  /** {@code to} has some of {@code from}'s fields, by id, in any order. */
  static Record prune(Record row, StructType from, StructType to) {
    GenericRecord pruned = GenericRecord.create(to);
    List<NestedField> fields = to.fields();
    for (int i = 0; i < fields.size(); i++) {
      NestedField source = from.field(fields.get(i).fieldId());
      Object value = row.get(from.fields().indexOf(source));
      pruned.set(i, prune(value, source.type(), fields.get(i).type()));
    }
    return pruned;
  }

  private static @Nullable Object prune(@Nullable Object value, Type from, Type to) {
    if (value == null || from.equals(to)) {
      return value;
    }
    if (value instanceof Record row) {
      return prune(row, from.asStructType(), to.asStructType());
    }
    if (value instanceof List<?> list) {
      Type element = from.asListType().elementType();
      List<@Nullable Object> pruned = new ArrayList<>();
      list.forEach(each -> pruned.add(prune(each, element, to.asListType().elementType())));
      return pruned;
    }
    if (value instanceof Map<?, ?> map) {
      Type of = from.asMapType().valueType();
      Map<Object, @Nullable Object> pruned = new LinkedHashMap<>();
      map.forEach((key, each) -> pruned.put(key, prune(each, of, to.asMapType().valueType())));
      return pruned;
    }
    return value;
  }
}
