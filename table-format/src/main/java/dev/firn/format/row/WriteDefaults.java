package dev.firn.format.row;

import org.apache.iceberg.data.GenericDataUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * What a column takes when a writer gives it no value (v3 {@code write-default}), as generic
 * records hold it. Stateless.
 */
public final class WriteDefaults {
  private WriteDefaults() {}

  /** Returns the field's write default, or null where it has none. */
  public static @Nullable Object of(NestedField field) {
    return GenericDataUtil.internalToGeneric(field.type(), field.writeDefault());
  }
}
