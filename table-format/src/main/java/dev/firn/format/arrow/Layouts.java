package dev.firn.format.arrow;

import java.math.BigInteger;
import java.util.List;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeStampMicroTZVector;
import org.apache.arrow.vector.TimeStampMicroVector;
import org.apache.arrow.vector.TimeStampNanoTZVector;
import org.apache.arrow.vector.TimeStampNanoVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/** Whether a vector already is what a column's type asks for. Stateless. */
public final class Layouts {
  private static final long MICROS_PER_DAY = 86_400_000_000L;

  private Layouts() {}

  /** Whether the vector has the layout of {@link ArrowSchemas#toArrow}, children in order. */
  public static boolean same(FieldVector vector, Type type) {
    if (vector.getField().getDictionary() != null) {
      return false;
    }
    return switch (type.typeId()) {
      case BOOLEAN -> vector instanceof BitVector;
      case INTEGER -> vector instanceof IntVector;
      case LONG -> vector instanceof BigIntVector;
      case FLOAT -> vector instanceof Float4Vector;
      case DOUBLE -> vector instanceof Float8Vector;
      case DECIMAL -> sameDecimal(vector, (Types.DecimalType) type);
      case DATE -> vector instanceof DateDayVector;
      case TIME -> vector instanceof TimeMicroVector;
      case TIMESTAMP ->
          ((Types.TimestampType) type).shouldAdjustToUTC()
              ? vector instanceof TimeStampMicroTZVector
              : vector instanceof TimeStampMicroVector;
      case TIMESTAMP_NANO ->
          ((Types.TimestampNanoType) type).shouldAdjustToUTC()
              ? vector instanceof TimeStampNanoTZVector
              : vector instanceof TimeStampNanoVector;
      case STRING -> vector instanceof VarCharVector;
      case BINARY, GEOMETRY, GEOGRAPHY -> vector instanceof VarBinaryVector;
      case UUID -> vector instanceof FixedSizeBinaryVector v && v.getByteWidth() == 16;
      case FIXED ->
          vector instanceof FixedSizeBinaryVector v
              && v.getByteWidth() == ((Types.FixedType) type).length();
      case UNKNOWN -> vector instanceof NullVector;
      case STRUCT -> sameStruct(vector, type.asStructType().fields());
      case LIST ->
          vector instanceof ListVector
              && !(vector instanceof MapVector)
              && same(child(vector, 0), type.asListType().elementType());
      case MAP -> sameMap(vector, type.asMapType());
      case VARIANT -> sameVariant(vector);
    };
  }

  private static boolean sameDecimal(FieldVector vector, Types.DecimalType type) {
    return vector instanceof DecimalVector v
        && v.getPrecision() == type.precision()
        && v.getScale() == type.scale();
  }

  private static FieldVector child(FieldVector vector, int index) {
    return vector.getChildrenFromFields().get(index);
  }

  private static boolean sameStruct(FieldVector vector, List<NestedField> fields) {
    if (!(vector instanceof StructVector)
        || vector.getChildrenFromFields().size() != fields.size()) {
      return false;
    }
    for (int i = 0; i < fields.size(); i++) {
      FieldVector child = child(vector, i);
      if (!child.getName().equals(fields.get(i).name()) || !same(child, fields.get(i).type())) {
        return false;
      }
    }
    return true;
  }

  private static boolean sameMap(FieldVector vector, Types.MapType type) {
    if (!(vector instanceof MapVector)) {
      return false;
    }
    FieldVector entries = child(vector, 0);
    return same(child(entries, 0), type.keyType()) && same(child(entries, 1), type.valueType());
  }

  private static boolean sameVariant(FieldVector vector) {
    return vector instanceof StructVector
        && vector.getChildrenFromFields().size() == 2
        && child(vector, 0) instanceof VarBinaryVector metadata
        && metadata.getName().equals("metadata")
        && child(vector, 1) instanceof VarBinaryVector value
        && value.getName().equals("value");
  }

  /**
   * Whether the vector may hold a null or a value that the field does not take. Looks at whole
   * buffers, so slots below a null count too: false is certain, true is not.
   */
  static boolean suspicious(FieldVector vector, NestedField field) {
    boolean missing = field.isRequired() && vector.getNullCount() > 0;
    return missing
        || switch (field.type().typeId()) {
          case TIME -> hasStrangeTime(vector);
          case DECIMAL -> hasLongDecimal((DecimalVector) vector, (Types.DecimalType) field.type());
          case STRUCT -> suspicious(vector, field.type().asStructType().fields());
          case LIST -> suspicious(child(vector, 0), field.type().asListType().fields().get(0));
          case MAP ->
              child(vector, 0).getNullCount() > 0
                  || suspicious(child(vector, 0), field.type().asMapType().fields());
          case VARIANT ->
              child(vector, 0).getNullCount() > 0 || child(vector, 1).getNullCount() > 0;
          default -> false;
        };
  }

  private static boolean suspicious(FieldVector parent, List<NestedField> fields) {
    for (int i = 0; i < fields.size(); i++) {
      if (suspicious(child(parent, i), fields.get(i))) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasStrangeTime(FieldVector vector) {
    long address = vector.getDataBuffer().memoryAddress();
    for (int i = 0; i < vector.getValueCount(); i++) {
      long micros = MemoryUtil.getLong(address + 8L * i);
      if ((micros < 0 || micros >= MICROS_PER_DAY) && !vector.isNull(i)) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasLongDecimal(DecimalVector vector, Types.DecimalType type) {
    BigInteger limit = BigInteger.TEN.pow(type.precision());
    long low = limit.longValue();
    long high = limit.shiftRight(64).longValue();
    long address = vector.getDataBuffer().memoryAddress();
    for (int i = 0; i < vector.getValueCount(); i++) {
      long valueLow = MemoryUtil.getLong(address + 16L * i);
      long valueHigh = MemoryUtil.getLong(address + 16L * i + 8);
      if (valueHigh < 0) {
        valueLow = -valueLow;
        valueHigh = valueLow == 0 ? -valueHigh : ~valueHigh;
      }
      boolean fits =
          valueHigh < high || (valueHigh == high && Long.compareUnsigned(valueLow, low) < 0);
      // The least number has no opposite and stays negative.
      if ((!fits || valueHigh < 0) && !vector.isNull(i)) {
        return true;
      }
    }
    return false;
  }
}
