package dev.firn.scan;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.types.Types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * One row of the vectors of a batch, or of a struct vector, in Iceberg's internal representation: a
 * cursor. Values are copies, but for nested structs, which move with the row.
 */
final class VectorStruct implements StructLike {
  /** Reads the value at an index that is not null. */
  private interface ValueReader {
    Object read(int index);
  }

  private final List<FieldVector> vectors;
  private final ValueReader[] readers;
  private int row;

  private VectorStruct(StructType struct, List<FieldVector> vectors) {
    List<NestedField> fields = struct.fields();
    this.vectors = vectors;
    this.readers = new ValueReader[fields.size()];
    for (int i = 0; i < readers.length; i++) {
      readers[i] = reader(vectors.get(i), fields.get(i).type());
    }
  }

  /**
   * Over vectors that are {@code struct}'s fields in order, in the types of {@code ArrowSchemas}.
   */
  static VectorStruct of(StructType struct, List<FieldVector> vectors) {
    return new VectorStruct(struct, vectors);
  }

  /** Moves to a row. */
  VectorStruct at(int index) {
    row = index;
    return this;
  }

  @Override
  public int size() {
    return readers.length;
  }

  // Null is a value here, which StructLike does not say.
  @Override
  @SuppressWarnings("NullAway")
  public <T> T get(int position, Class<T> type) {
    return type.cast(value(position));
  }

  private @Nullable Object value(int position) {
    return vectors.get(position).isNull(row) ? null : readers[position].read(row);
  }

  @Override
  public <T> void set(int position, T value) {
    throw new UnsupportedOperationException("a row of a batch is read only");
  }

  private static ValueReader reader(FieldVector vector, Type type) {
    return switch (type.typeId()) {
      case BOOLEAN -> i -> ((BitVector) vector).get(i) != 0;
      case INTEGER -> ((IntVector) vector)::get;
      case LONG -> ((BigIntVector) vector)::get;
      case FLOAT -> ((Float4Vector) vector)::get;
      case DOUBLE -> ((Float8Vector) vector)::get;
      case DATE -> ((DateDayVector) vector)::get;
      case TIME -> ((TimeMicroVector) vector)::get;
      case TIMESTAMP, TIMESTAMP_NANO -> ((TimeStampVector) vector)::get;
      case DECIMAL -> ((DecimalVector) vector)::getObject;
      case STRING -> i -> new String(((VarCharVector) vector).get(i), StandardCharsets.UTF_8);
      case BINARY -> i -> ByteBuffer.wrap(((VarBinaryVector) vector).get(i));
      case FIXED -> i -> ByteBuffer.wrap(((FixedSizeBinaryVector) vector).get(i));
      case UUID -> i -> uuid(((FixedSizeBinaryVector) vector).get(i));
      case STRUCT -> struct((StructVector) vector, type.asStructType());
      case LIST -> list((ListVector) vector, type.asListType().elementType());
      case MAP, VARIANT, UNKNOWN, GEOMETRY, GEOGRAPHY ->
          throw new IllegalArgumentException("Cannot compare values of type " + type);
    };
  }

  private static ValueReader struct(StructVector vector, StructType type) {
    VectorStruct nested = new VectorStruct(type, vector.getChildrenFromFields());
    return nested::at;
  }

  private static ValueReader list(ListVector vector, Type elementType) {
    FieldVector elements = vector.getDataVector();
    ValueReader element = reader(elements, elementType);
    return row -> {
      List<@Nullable Object> values = new ArrayList<>();
      for (int i = vector.getElementStartIndex(row); i < vector.getElementEndIndex(row); i++) {
        values.add(elements.isNull(i) ? null : element.read(i));
      }
      return values;
    };
  }

  private static UUID uuid(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new UUID(buffer.getLong(), buffer.getLong());
  }
}
