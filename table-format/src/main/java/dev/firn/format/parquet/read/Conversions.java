package dev.firn.format.parquet.read;

import dev.firn.format.parquet.page.Conversion;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.Float16LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UUIDLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/**
 * How a stored primitive is read as a wanted one. Stateless.
 *
 * <p>A time zone that the file does not agree with is no obstacle: both are the same count of units
 * from the epoch.
 */
final class Conversions {
  private Conversions() {}

  /**
   * Returns what to do to each value; null where {@code stored} cannot be read as {@code wanted}.
   */
  static @Nullable Conversion of(Type wanted, PrimitiveType stored) {
    PrimitiveTypeName physical = stored.getPrimitiveTypeName();
    LogicalTypeAnnotation logical = stored.getLogicalTypeAnnotation();
    return switch (wanted.typeId()) {
      case BOOLEAN -> when(physical == PrimitiveTypeName.BOOLEAN);
      case INTEGER -> when(physical == PrimitiveTypeName.INT32 && fitsInt(logical));
      case LONG -> toLong(physical, logical);
      case FLOAT -> when(physical == PrimitiveTypeName.FLOAT);
      case DOUBLE ->
          physical == PrimitiveTypeName.FLOAT
              ? Conversion.FLOAT_TO_DOUBLE
              : when(physical == PrimitiveTypeName.DOUBLE);
      case DECIMAL -> toDecimal((Types.DecimalType) wanted, physical, logical);
      case DATE ->
          when(
              physical == PrimitiveTypeName.INT32
                  && (logical == null || logical instanceof DateLogicalTypeAnnotation));
      case TIME -> logical instanceof TimeLogicalTypeAnnotation time ? toTime(time) : null;
      case TIMESTAMP -> toMicros(physical, logical);
      case TIMESTAMP_NANO -> toNanos(physical, logical);
      case STRING, BINARY, GEOMETRY, GEOGRAPHY ->
          when(
              physical == PrimitiveTypeName.BINARY
                  && !(logical instanceof DecimalLogicalTypeAnnotation));
      case UUID ->
          when(
              isFixed(stored, 16)
                  && (logical == null || logical instanceof UUIDLogicalTypeAnnotation));
      case FIXED ->
          when(
              isFixed(stored, ((Types.FixedType) wanted).length())
                  && !(logical instanceof DecimalLogicalTypeAnnotation)
                  && !(logical instanceof Float16LogicalTypeAnnotation));
      default -> null;
    };
  }

  private static @Nullable Conversion when(boolean readable) {
    return readable ? Conversion.NONE : null;
  }

  private static boolean isFixed(PrimitiveType stored, int length) {
    return stored.getPrimitiveTypeName() == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY
        && stored.getTypeLength() == length;
  }

  private static boolean fitsInt(@Nullable LogicalTypeAnnotation logical) {
    return logical == null
        || (logical instanceof IntLogicalTypeAnnotation ints
            && (ints.isSigned() || ints.getBitWidth() < 32));
  }

  private static @Nullable Conversion toLong(
      PrimitiveTypeName physical, @Nullable LogicalTypeAnnotation logical) {
    if (physical == PrimitiveTypeName.INT64) {
      return when(
          logical == null || (logical instanceof IntLogicalTypeAnnotation i && i.isSigned()));
    }
    if (physical != PrimitiveTypeName.INT32) {
      return null;
    }
    if (fitsInt(logical)) {
      return Conversion.INT_TO_LONG;
    }
    return logical instanceof IntLogicalTypeAnnotation ? Conversion.UNSIGNED_INT_TO_LONG : null;
  }

  private static @Nullable Conversion toDecimal(
      Types.DecimalType wanted,
      PrimitiveTypeName physical,
      @Nullable LogicalTypeAnnotation logical) {
    if (!(logical instanceof DecimalLogicalTypeAnnotation stored)
        || stored.getScale() != wanted.scale()
        || stored.getPrecision() > wanted.precision()) {
      return null;
    }
    return switch (physical) {
      case INT32 -> Conversion.INT_TO_DECIMAL;
      case INT64 -> Conversion.LONG_TO_DECIMAL;
      case BINARY, FIXED_LEN_BYTE_ARRAY -> Conversion.BYTES_TO_DECIMAL;
      default -> null;
    };
  }

  private static Conversion toTime(TimeLogicalTypeAnnotation stored) {
    return switch (stored.getUnit()) {
      case MILLIS -> Conversion.INT_MILLIS_TO_MICROS;
      case MICROS -> Conversion.NONE;
      case NANOS -> Conversion.NANOS_TO_MICROS;
    };
  }

  private static @Nullable Conversion toMicros(
      PrimitiveTypeName physical, @Nullable LogicalTypeAnnotation logical) {
    if (physical == PrimitiveTypeName.INT96) {
      return Conversion.INT96_TO_MICROS;
    }
    if (logical instanceof DateLogicalTypeAnnotation) {
      return Conversion.DATE_TO_MICROS;
    }
    if (!(logical instanceof TimestampLogicalTypeAnnotation stored)) {
      return null;
    }
    if (stored.getUnit() == TimeUnit.MILLIS) {
      return Conversion.LONG_MILLIS_TO_MICROS;
    }
    return stored.getUnit() == TimeUnit.MICROS ? Conversion.NONE : Conversion.NANOS_TO_MICROS;
  }

  private static @Nullable Conversion toNanos(
      PrimitiveTypeName physical, @Nullable LogicalTypeAnnotation logical) {
    if (physical == PrimitiveTypeName.INT96) {
      return Conversion.INT96_TO_NANOS;
    }
    if (logical instanceof DateLogicalTypeAnnotation) {
      return Conversion.DATE_TO_NANOS;
    }
    if (!(logical instanceof TimestampLogicalTypeAnnotation stored)) {
      return null;
    }
    if (stored.getUnit() == TimeUnit.MILLIS) {
      return Conversion.LONG_MILLIS_TO_NANOS;
    }
    return stored.getUnit() == TimeUnit.MICROS ? Conversion.MICROS_TO_NANOS : Conversion.NONE;
  }
}
