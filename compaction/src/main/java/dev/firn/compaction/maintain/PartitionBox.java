package dev.firn.compaction.maintain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.types.Comparators;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * What a manifest's summaries say of the partitions in it, by which planning leaves it out: a range
 * of each partition field, and whether nulls and NaNs are among the values. Immutable.
 */
record PartitionBox(List<Side> sides) {
  PartitionBox {
    sides = List.copyOf(sides);
  }

  /** One field; the bounds are null where only nulls and NaNs are in it. */
  record Side(
      Comparator<Object> order,
      @Nullable Object lower,
      @Nullable Object upper,
      boolean nulls,
      boolean nans) {

    boolean holds(@Nullable Object value) {
      if (value == null) {
        return nulls;
      }
      if (isNan(value)) {
        return nans;
      }
      return lower != null
          && upper != null
          && order.compare(lower, value) <= 0
          && order.compare(value, upper) <= 0;
    }

    Side with(@Nullable Object value) {
      if (value == null) {
        return new Side(order, lower, upper, true, nans);
      }
      if (isNan(value)) {
        return new Side(order, lower, upper, nulls, true);
      }
      return new Side(
          order,
          lower == null || order.compare(value, lower) < 0 ? value : lower,
          upper == null || order.compare(value, upper) > 0 ? value : upper,
          nulls,
          nans);
    }
  }

  private static boolean isNan(Object value) {
    return (value instanceof Float f && f.isNaN()) || (value instanceof Double d && d.isNaN());
  }

  /** Of no partition yet. */
  static PartitionBox empty(PartitionSpec spec) {
    List<Side> sides = new ArrayList<>();
    for (Types.NestedField field : spec.partitionType().fields()) {
      sides.add(new Side(order(field.type()), null, null, false, false));
    }
    return new PartitionBox(sides);
  }

  /** Of a manifest of that spec. */
  static PartitionBox of(ManifestFile manifest, PartitionSpec spec) {
    List<Side> sides = new ArrayList<>();
    List<Types.NestedField> fields = spec.partitionType().fields();
    List<ManifestFile.PartitionFieldSummary> summaries = manifest.partitions();
    for (int i = 0; i < fields.size(); i++) {
      Type type = fields.get(i).type();
      ManifestFile.PartitionFieldSummary summary = summaries.get(i);
      Boolean nans = summary.containsNaN();
      sides.add(
          new Side(
              order(type),
              Conversions.fromByteBuffer(type, summary.lowerBound()),
              Conversions.fromByteBuffer(type, summary.upperBound()),
              summary.containsNull(),
              nans == null || nans));
    }
    return new PartitionBox(sides);
  }

  @SuppressWarnings("unchecked")
  private static Comparator<Object> order(Type type) {
    return (Comparator<Object>) (Comparator<?>) Comparators.forType(type.asPrimitiveType());
  }

  boolean holds(StructLike partition) {
    for (int i = 0; i < sides.size(); i++) {
      if (!sides.get(i).holds(partition.get(i, Object.class))) {
        return false;
      }
    }
    return true;
  }

  PartitionBox with(StructLike partition) {
    List<Side> wider = new ArrayList<>();
    for (int i = 0; i < sides.size(); i++) {
      wider.add(sides.get(i).with(partition.get(i, Object.class)));
    }
    return new PartitionBox(wider);
  }
}
