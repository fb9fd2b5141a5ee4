package dev.firn.scan.plan;

import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.types.Comparators;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * An equality delete file, and which data files its rows may be in, by the statistics of both and
 * the rules of Iceberg's {@code DeleteFileIndex}. Immutable.
 *
 * @param fields those that rows are equal in
 */
record EqualityDelete(PlannedDeleteFile file, List<NestedField> fields) {

  /** Whether the statistics leave room for a row of the data file that is deleted. */
  boolean mayApply(DataFile data) {
    Map<Integer, ByteBuffer> dataLower = data.lowerBounds();
    Map<Integer, ByteBuffer> dataUpper = data.upperBounds();
    Map<Integer, ByteBuffer> lower = file.lowerBounds();
    Map<Integer, ByteBuffer> upper = file.upperBounds();
    Counts ofData = new Counts(data.nullValueCounts(), data.valueCounts());
    Counts ofDelete = new Counts(file.nullValueCounts(), file.valueCounts());
    for (NestedField field : fields) {
      if (!field.type().isPrimitiveType() || (ofData.someNull(field) && ofDelete.someNull(field))) {
        continue;
      }
      if ((ofData.allNull(field) && ofDelete.noNull(field))
          || (ofDelete.allNull(field) && ofData.noNull(field))) {
        return false;
      }
      if (dataLower != null
          && dataUpper != null
          && lower != null
          && upper != null
          && apart(
              field,
              dataLower.get(field.fieldId()),
              dataUpper.get(field.fieldId()),
              lower.get(field.fieldId()),
              upper.get(field.fieldId()))) {
        return false;
      }
    }
    return true;
  }

  private static boolean apart(
      NestedField field,
      @Nullable ByteBuffer dataLower,
      @Nullable ByteBuffer dataUpper,
      @Nullable ByteBuffer lower,
      @Nullable ByteBuffer upper) {
    if (dataLower == null || dataUpper == null || lower == null || upper == null) {
      return false;
    }
    Type.PrimitiveType type = field.type().asPrimitiveType();
    Comparator<Object> order = Comparators.forType(type);
    return order.compare(value(type, dataLower), value(type, upper)) > 0
        || order.compare(value(type, lower), value(type, dataUpper)) > 0;
  }

  private static Object value(Type type, ByteBuffer bound) {
    return Conversions.fromByteBuffer(type, bound);
  }

  /** How many nulls and values a file has by field, where that is known. */
  private record Counts(@Nullable Map<Integer, Long> nulls, @Nullable Map<Integer, Long> values) {
    boolean someNull(NestedField field) {
      Long count = nulls == null ? null : nulls.get(field.fieldId());
      return field.isOptional() && (count == null || count > 0);
    }

    boolean noNull(NestedField field) {
      Long count = nulls == null ? null : nulls.get(field.fieldId());
      return field.isRequired() || (count != null && count <= 0);
    }

    boolean allNull(NestedField field) {
      Long count = nulls == null ? null : nulls.get(field.fieldId());
      Long all = values == null ? null : values.get(field.fieldId());
      return field.isOptional() && count != null && count.equals(all);
    }
  }
}
