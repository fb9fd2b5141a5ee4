package dev.firn.compaction.plan;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.MetricsModes;
import org.apache.iceberg.SortField;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.transforms.Transform;
import org.apache.iceberg.transforms.Transforms;
import org.apache.iceberg.types.Comparators;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.ByteBuffers;
import org.jspecify.annotations.Nullable;

/**
 * The least and the greatest value of each key column in one file, nulls aside. Immutable.
 *
 * @param lows by column
 * @param highs by column
 */
record KeyRange(List<Object> lows, List<Object> highs) {
  KeyRange {
    lows = List.copyOf(lows);
    highs = List.copyOf(highs);
  }

  /** A column of an order whose bounds compare as its rows do. */
  record Column(int id, Comparator<Object> order, Function<ByteBuffer, Object> low, Ceiling high) {
    @Nullable Object low(DataFile file) {
      ByteBuffer bound = bound(file.lowerBounds(), id);
      return bound == null ? null : low.apply(bound);
    }

    @Nullable Object high(DataFile file) {
      ByteBuffer bound = bound(file.upperBounds(), id);
      return bound == null ? null : high.apply(bound);
    }

    private static @Nullable ByteBuffer bound(@Nullable Map<Integer, ByteBuffer> bounds, int id) {
      return bounds == null ? null : bounds.get(id);
    }
  }

  /** From an upper bound, which may be cut and rounded up, to a value. */
  @FunctionalInterface
  interface Ceiling extends Function<ByteBuffer, Object> {}

  /**
   * The leading fields of the order whose transforms keep it: later ones tell nothing by bounds.
   */
  static List<Column> columns(Table table, SortOrder order) {
    List<Column> columns = new ArrayList<>();
    for (SortField field : order.fields()) {
      NestedField source = table.schema().findField(field.sourceId());
      if (source == null || !field.transform().preservesOrder()) {
        break;
      }
      columns.add(column(table, source, field.transform()));
    }
    return columns;
  }

  /** A column by its name, as it is. */
  static Column column(Table table, String name) {
    NestedField field = table.schema().findField(name);
    return column(table, field, Transforms.identity());
  }

  @SuppressWarnings("unchecked")
  private static Column column(Table table, NestedField source, Transform<?, ?> transform) {
    Type type = source.type();
    Function<Object, Object> apply = ((Transform<Object, Object>) transform).bind(type);
    Comparator<Object> order = Comparators.forType(transform.getResultType(type).asPrimitiveType());
    int cut = cut(table, source);
    return new Column(
        source.fieldId(),
        order,
        bound -> apply.apply(Conversions.fromByteBuffer(type, bound)),
        bound -> apply.apply(uncut(Conversions.fromByteBuffer(type, bound), cut)));
  }

  /** To how many characters or bytes bounds are cut; none: the largest number. */
  private static int cut(Table table, NestedField source) {
    String name = table.schema().findColumnName(source.fieldId());
    return MetricsConfig.forTable(table).columnMode(name) instanceof MetricsModes.Truncate t
        ? t.length()
        : Integer.MAX_VALUE;
  }

  /**
   * An upper bound that was cut is the prefix's successor. Taken back, so that files whose values
   * share a long prefix are not all thought to overlap.
   */
  private static Object uncut(Object bound, int cut) {
    if (bound instanceof CharSequence text) {
      String string = text.toString();
      int last = string.isEmpty() ? 0 : string.codePointBefore(string.length());
      if (last == 0 || string.codePointCount(0, string.length()) < cut) {
        return string;
      }
      String head = string.substring(0, string.length() - Character.charCount(last));
      return head + Character.toString(last - 1);
    }
    if (bound instanceof ByteBuffer buffer && buffer.remaining() >= cut) {
      byte[] bytes = ByteBuffers.toByteArray(buffer).clone();
      bytes[bytes.length - 1]--;
      return ByteBuffer.wrap(bytes);
    }
    return bound;
  }

  /** The range of a file; null where its bounds are not known. */
  static @Nullable KeyRange of(DataFile file, List<Column> columns) {
    List<Object> lows = new ArrayList<>();
    List<Object> highs = new ArrayList<>();
    for (Column column : columns) {
      Object low = column.low(file);
      Object high = column.high(file);
      if (low == null || high == null) {
        break;
      }
      // A cut bound that was not the successor of anything.
      boolean turned = column.order().compare(low, high) > 0;
      lows.add(low);
      highs.add(turned ? low : high);
    }
    return lows.isEmpty() ? null : new KeyRange(lows, highs);
  }
}
