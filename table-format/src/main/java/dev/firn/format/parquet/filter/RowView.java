package dev.firn.format.parquet.filter;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * One row of a batch, or of a struct in it, in Iceberg's internal representation: a cursor. Lists,
 * maps and variants show only whether they are null. Confined to one thread.
 */
final class RowView implements StructLike {
  private interface Cell {
    @Nullable Object at(int row);
  }

  private final Cell[] cells;
  private int row;

  /** {@code vectors} has one for each field; null for a field that nobody asks for. */
  RowView(List<NestedField> fields, List<? extends @Nullable FieldVector> vectors) {
    cells = new Cell[fields.size()];
    for (int i = 0; i < cells.length; i++) {
      FieldVector vector = vectors.get(i);
      cells[i] = vector == null ? at -> null : cell(fields.get(i).type(), vector);
    }
  }

  void moveTo(int index) {
    row = index;
  }

  private static Cell cell(Type type, FieldVector vector) {
    Cell present = present(type, vector);
    return at -> vector.isNull(at) ? null : present.at(at);
  }

  private static Cell present(Type type, FieldVector vector) {
    if (vector instanceof StructVector struct && type.isStructType()) {
      RowView view = new RowView(type.asStructType().fields(), struct.getChildrenFromFields());
      return at -> {
        view.moveTo(at);
        return view;
      };
    } else if (vector instanceof BitVector v) {
      return at -> v.get(at) != 0;
    } else if (vector instanceof VarCharVector v) {
      return at -> new String(v.get(at), StandardCharsets.UTF_8);
    } else if (vector instanceof VarBinaryVector v) {
      return at -> ByteBuffer.wrap(v.get(at));
    } else if (vector instanceof FixedSizeBinaryVector v) {
      boolean uuid = type.typeId() == Type.TypeID.UUID;
      return at -> uuid ? uuid(v.get(at)) : ByteBuffer.wrap(v.get(at));
    } else if (vector instanceof NullVector) {
      return at -> null;
    }
    return number(vector);
  }

  private static Cell number(FieldVector vector) {
    if (vector instanceof IntVector v) {
      return v::get;
    } else if (vector instanceof BigIntVector v) {
      return v::get;
    } else if (vector instanceof Float4Vector v) {
      return v::get;
    } else if (vector instanceof Float8Vector v) {
      return v::get;
    } else if (vector instanceof DecimalVector v) {
      return v::getObject;
    } else if (vector instanceof DateDayVector v) {
      return v::get;
    } else if (vector instanceof TimeMicroVector v) {
      return v::get;
    } else if (vector instanceof TimeStampVector v) {
      return v::get;
    }
    return at -> {
      throw new UnsupportedOperationException("No value of " + vector.getField());
    };
  }

  private static UUID uuid(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new UUID(buffer.getLong(), buffer.getLong());
  }

  @Override
  public int size() {
    return cells.length;
  }

  @Override
  public <T> @Nullable T get(int position, Class<T> javaClass) {
    return javaClass.cast(cells[position].at(row));
  }

  @Override
  public <T> void set(int position, T value) {
    throw new UnsupportedOperationException("A row of a batch is read only");
  }
}
