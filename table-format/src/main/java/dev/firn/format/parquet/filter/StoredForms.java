package dev.firn.format.parquet.filter;

import dev.firn.format.parquet.page.Conversion;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.BsonLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.EnumLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.JsonLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UUIDLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/** Which stored types compare with which wanted ones. Whatever is not named here does not. */
final class StoredForms {
  private static final long MICROS_PER_DAY = 86_400_000_000L;

  private StoredForms() {}

  static @Nullable StoredForm of(PrimitiveType stored, Type wanted) {
    PrimitiveTypeName physical = stored.getPrimitiveTypeName();
    LogicalTypeAnnotation logical = stored.getLogicalTypeAnnotation();
    return switch (wanted.typeId()) {
      case BOOLEAN -> physical == PrimitiveTypeName.BOOLEAN ? StoredForm.booleans() : null;
      case INTEGER, LONG -> integers(physical, logical, wanted.typeId() == Type.TypeID.LONG);
      case FLOAT ->
          physical == PrimitiveTypeName.FLOAT ? StoredForm.floats(false, Conversion.NONE) : null;
      case DOUBLE -> doubles(physical);
      case DECIMAL -> decimals(physical, logical, (Types.DecimalType) wanted);
      case DATE -> isDate(physical, logical) ? StoredForm.integers(4, 1, Conversion.NONE) : null;
      case TIME -> times(physical, logical);
      case TIMESTAMP -> timestamps(physical, logical);
      case TIMESTAMP_NANO -> nanos(physical, logical);
      case STRING, BINARY ->
          physical == PrimitiveTypeName.BINARY && ordersByBytes(logical)
              ? StoredForm.bytes(true)
              : null;
      case FIXED ->
          fixed(stored, ((Types.FixedType) wanted).length()) ? StoredForm.bytes(true) : null;
      // Parquet orders UUIDs by bytes without sign, Iceberg as Java does: by signed halves.
      case UUID -> fixed(stored, 16) ? StoredForm.bytes(false) : null;
      default -> null;
    };
  }

  private static @Nullable StoredForm integers(
      PrimitiveTypeName physical, @Nullable LogicalTypeAnnotation logical, boolean wantLong) {
    boolean signed =
        logical == null
            || (logical instanceof IntLogicalTypeAnnotation number && number.isSigned());
    if (!signed) {
      return null;
    }
    if (physical == PrimitiveTypeName.INT32) {
      return StoredForm.integers(4, 1, wantLong ? Conversion.INT_TO_LONG : Conversion.NONE);
    }
    return physical == PrimitiveTypeName.INT64 && wantLong
        ? StoredForm.integers(8, 1, Conversion.NONE)
        : null;
  }

  private static @Nullable StoredForm doubles(PrimitiveTypeName physical) {
    return switch (physical) {
      case FLOAT -> StoredForm.floats(false, Conversion.FLOAT_TO_DOUBLE);
      case DOUBLE -> StoredForm.floats(true, Conversion.NONE);
      default -> null;
    };
  }

  private static @Nullable StoredForm decimals(
      PrimitiveTypeName physical,
      @Nullable LogicalTypeAnnotation logical,
      Types.DecimalType wanted) {
    int scale = wanted.scale();
    if (!(logical instanceof DecimalLogicalTypeAnnotation decimal) || decimal.getScale() != scale) {
      return null;
    }
    return switch (physical) {
      case INT32 -> StoredForm.integerDecimals(4, scale, Conversion.INT_TO_DECIMAL);
      case INT64 -> StoredForm.integerDecimals(8, scale, Conversion.LONG_TO_DECIMAL);
      case BINARY, FIXED_LEN_BYTE_ARRAY -> StoredForm.binaryDecimals(scale);
      default -> null;
    };
  }

  private static boolean isDate(
      PrimitiveTypeName physical, @Nullable LogicalTypeAnnotation logical) {
    return physical == PrimitiveTypeName.INT32 && logical instanceof DateLogicalTypeAnnotation;
  }

  private static @Nullable StoredForm times(
      PrimitiveTypeName physical, @Nullable LogicalTypeAnnotation logical) {
    if (!(logical instanceof TimeLogicalTypeAnnotation time)) {
      return null;
    }
    if (physical == PrimitiveTypeName.INT32 && time.getUnit() == TimeUnit.MILLIS) {
      return StoredForm.integers(4, 1000, Conversion.INT_MILLIS_TO_MICROS);
    }
    return physical == PrimitiveTypeName.INT64 && time.getUnit() == TimeUnit.MICROS
        ? StoredForm.integers(8, 1, Conversion.NONE)
        : null;
  }

  private static @Nullable StoredForm timestamps(
      PrimitiveTypeName physical, @Nullable LogicalTypeAnnotation logical) {
    if (isDate(physical, logical)) {
      return StoredForm.integers(4, MICROS_PER_DAY, Conversion.DATE_TO_MICROS);
    }
    TimeUnit unit = unit(physical, logical);
    if (unit == TimeUnit.MILLIS) {
      return StoredForm.integers(8, 1000, Conversion.LONG_MILLIS_TO_MICROS);
    }
    return unit == TimeUnit.MICROS ? StoredForm.integers(8, 1, Conversion.NONE) : null;
  }

  private static @Nullable StoredForm nanos(
      PrimitiveTypeName physical, @Nullable LogicalTypeAnnotation logical) {
    if (isDate(physical, logical)) {
      return StoredForm.integers(4, MICROS_PER_DAY * 1000, Conversion.DATE_TO_NANOS);
    }
    TimeUnit unit = unit(physical, logical);
    return unit == null
        ? null
        : switch (unit) {
          case MILLIS -> StoredForm.integers(8, 1_000_000, Conversion.LONG_MILLIS_TO_NANOS);
          case MICROS -> StoredForm.integers(8, 1000, Conversion.MICROS_TO_NANOS);
          case NANOS -> StoredForm.integers(8, 1, Conversion.NONE);
        };
  }

  private static @Nullable TimeUnit unit(
      PrimitiveTypeName physical, @Nullable LogicalTypeAnnotation logical) {
    return physical == PrimitiveTypeName.INT64
            && logical instanceof TimestampLogicalTypeAnnotation timestamp
        ? timestamp.getUnit()
        : null;
  }

  private static boolean fixed(PrimitiveType stored, int length) {
    return stored.getPrimitiveTypeName() == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY
        && stored.getTypeLength() == length
        && ordersByBytes(stored.getLogicalTypeAnnotation());
  }

  private static boolean ordersByBytes(@Nullable LogicalTypeAnnotation logical) {
    return logical == null
        || logical instanceof StringLogicalTypeAnnotation
        || logical instanceof EnumLogicalTypeAnnotation
        || logical instanceof JsonLogicalTypeAnnotation
        || logical instanceof BsonLogicalTypeAnnotation
        || logical instanceof UUIDLogicalTypeAnnotation;
  }
}
