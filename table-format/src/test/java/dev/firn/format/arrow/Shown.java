package dev.firn.format.arrow;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.variants.Variant;

/** Values in a form whose equality is that of their content: arrays and variants have none. */
public final class Shown {
  private Shown() {}

  public static Object of(Object value) {
    if (value instanceof StructLike struct) {
      List<Object> values = new ArrayList<>();
      for (int i = 0; i < struct.size(); i++) {
        values.add(of(struct.get(i, Object.class)));
      }
      return values;
    } else if (value instanceof List<?> list) {
      return list.stream().map(v -> v == null ? "null" : of(v)).toList();
    } else if (value instanceof Map<?, ?> map) {
      Map<Object, Object> shown = new LinkedHashMap<>();
      map.forEach((k, v) -> shown.put(of(k), of(v)));
      return shown;
    } else if (value instanceof byte[] bytes) {
      return Arrays.toString(bytes);
    } else if (value instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return Arrays.toString(bytes);
    } else if (value instanceof Variant variant) {
      ByteBuffer bytes =
          ByteBuffer.allocate(variant.value().sizeInBytes()).order(ByteOrder.LITTLE_ENDIAN);
      variant.value().writeTo(bytes, 0);
      return Arrays.toString(bytes.array());
    }
    return value;
  }

  public static List<Object> all(Iterable<? extends StructLike> rows) {
    List<Object> shown = new ArrayList<>();
    rows.forEach(row -> shown.add(of(row)));
    return shown;
  }
}
