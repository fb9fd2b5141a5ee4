package dev.firn.format.arrow;

import dev.firn.error.FirnException;
import dev.firn.format.row.Decimals;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.Decimal256Vector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.ExtensionTypeVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.FloatingPointVector;
import org.apache.arrow.vector.LargeVarBinaryVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.ViewVarBinaryVector;
import org.apache.arrow.vector.ViewVarCharVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/** Readers by vector and target type, resolved once per batch and column. Stateless. */
final class ColumnReaders {
  private ColumnReaders() {}

  /** A reader of the vector's values as the target type; one that can never fit is refused. */
  static ColumnReader of(
      FieldVector vector, Type target, String column, DictionaryProvider dictionaries) {
    if (vector.getField().getDictionary() != null) {
      return dictionary(vector, target, column, dictionaries);
    }
    if (vector instanceof ExtensionTypeVector<?> extension) {
      return of((FieldVector) extension.getUnderlyingVector(), target, column, dictionaries);
    }
    if (vector instanceof NullVector) {
      return index -> null;
    }
    ColumnReader reader = nonNull(vector, target, column, dictionaries);
    if (reader == null) {
      throw FirnException.invalid(
          "Cannot read a batch: column "
              + column
              + " has a type that the table's does not take, expected "
              + target
              + ", got Arrow "
              + vector.getField().getType());
    }
    ColumnReader values = reader;
    return index -> vector.isNull(index) ? null : values.read(index);
  }

  private static ColumnReader dictionary(
      FieldVector vector, Type target, String column, DictionaryProvider dictionaries) {
    Dictionary dictionary = dictionaries.lookup(vector.getField().getDictionary().getId());
    if (dictionary == null || !(vector instanceof BaseIntVector indices)) {
      throw FirnException.invalid(
          "Cannot read a batch: column "
              + column
              + " is dictionary-encoded and its dictionary is not here, expected a provider that"
              + " has dictionary "
              + vector.getField().getDictionary().getId());
    }
    ColumnReader values = of(dictionary.getVector(), target, column, dictionaries);
    ColumnReader entries =
        target.typeId() == Type.TypeID.STRING
            ? remembered(values, dictionary.getVector().getValueCount())
            : values;
    return index ->
        indices.isNull(index) ? null : entries.read((int) indices.getValueAsLong(index));
  }

  /** Strings are immutable, so that rows may share a dictionary's. */
  private static ColumnReader remembered(ColumnReader values, int count) {
    @Nullable Object[] seen = new Object[count];
    return index -> {
      if (seen[index] == null) {
        seen[index] = values.read(index);
      }
      return seen[index];
    };
  }

  private static @Nullable ColumnReader nonNull(
      FieldVector vector, Type target, String column, DictionaryProvider dictionaries) {
    return switch (target.typeId()) {
      case BOOLEAN -> vector instanceof BitVector bits ? i -> bits.get(i) == 1 : null;
      case INTEGER -> integers(vector, target, column);
      case LONG -> longs(vector, target, column);
      case FLOAT -> floats(vector, target, column);
      case DOUBLE ->
          vector instanceof FloatingPointVector v && !isDecimal(vector)
              ? i -> v.getValueAsDouble(i)
              : null;
      case DECIMAL -> decimals(vector, (Types.DecimalType) target, column);
      case DATE, TIME, TIMESTAMP, TIMESTAMP_NANO -> TimeReaders.of(vector, target, column);
      case STRING -> strings(vector);
      case BINARY, GEOMETRY, GEOGRAPHY -> {
        ByteReader bytes = bytes(vector);
        yield bytes == null ? null : i -> ByteBuffer.wrap(bytes.read(i));
      }
      case FIXED -> fixed(vector, (Types.FixedType) target, column);
      case UUID -> uuids(vector);
      case STRUCT, LIST, MAP, VARIANT -> NestedReaders.of(vector, target, column, dictionaries);
      case UNKNOWN ->
          i -> {
            throw new Misfit(column, "null, the column's type being unknown", vector.getObject(i));
          };
    };
  }

  private static boolean isDecimal(FieldVector vector) {
    return vector instanceof DecimalVector || vector instanceof Decimal256Vector;
  }

  private static @Nullable ColumnReader integers(FieldVector vector, Type target, String column) {
    if (!(vector instanceof BaseIntVector v)) {
      return null;
    }
    return i -> {
      long value = v.getValueAsLong(i);
      if (value != (int) value) {
        throw new Misfit(column, target, integer(v, i));
      }
      return (int) value;
    };
  }

  private static @Nullable ColumnReader longs(FieldVector vector, Type target, String column) {
    if (vector instanceof UInt8Vector unsigned) {
      return i -> {
        long value = unsigned.get(i);
        if (value < 0) {
          throw new Misfit(column, target, integer(unsigned, i));
        }
        return value;
      };
    }
    return vector instanceof BaseIntVector v ? v::getValueAsLong : null;
  }

  /** The integer itself, unsigned 64 bits included. */
  private static BigInteger integer(BaseIntVector vector, int index) {
    return vector instanceof UInt8Vector unsigned
        ? unsigned.getObjectNoOverflow(index)
        : BigInteger.valueOf(vector.getValueAsLong(index));
  }

  private static @Nullable ColumnReader floats(FieldVector vector, Type target, String column) {
    if (vector instanceof Float4Vector v) {
      return v::get;
    }
    if (vector instanceof Float2Vector v) {
      return v::getValueAsFloat;
    }
    if (!(vector instanceof FloatingPointVector v) || isDecimal(vector)) {
      return null;
    }
    return i -> {
      double value = v.getValueAsDouble(i);
      if (value != (float) value && !Double.isNaN(value)) {
        throw new Misfit(column, target, value);
      }
      return (float) value;
    };
  }

  private static @Nullable ColumnReader decimals(
      FieldVector vector, Types.DecimalType target, String column) {
    if (vector instanceof DecimalVector v) {
      return i -> fit(v.getObject(i), target, column);
    }
    if (vector instanceof Decimal256Vector v) {
      return i -> fit(v.getObject(i), target, column);
    }
    return vector instanceof BaseIntVector v
        ? i -> fit(new BigDecimal(integer(v, i)), target, column)
        : null;
  }

  private static BigDecimal fit(BigDecimal value, Types.DecimalType target, String column) {
    BigDecimal fit = Decimals.fit(value, target);
    if (fit == null) {
      throw new Misfit(column, target, value);
    }
    return fit;
  }

  private static @Nullable ColumnReader strings(FieldVector vector) {
    boolean text =
        vector instanceof VarCharVector
            || vector instanceof LargeVarCharVector
            || vector instanceof ViewVarCharVector;
    ByteReader bytes = text ? bytes(vector) : null;
    return bytes == null ? null : i -> new String(bytes.read(i), StandardCharsets.UTF_8);
  }

  /** One vector's values as fresh byte arrays. */
  interface ByteReader {
    byte[] read(int index);
  }

  static @Nullable ByteReader bytes(FieldVector vector) {
    if (vector instanceof VarCharVector v) {
      return v::get;
    } else if (vector instanceof VarBinaryVector v) {
      return v::get;
    } else if (vector instanceof LargeVarCharVector v) {
      return v::get;
    } else if (vector instanceof LargeVarBinaryVector v) {
      return v::get;
    } else if (vector instanceof ViewVarCharVector v) {
      return v::get;
    } else if (vector instanceof ViewVarBinaryVector v) {
      return v::get;
    } else if (vector instanceof FixedSizeBinaryVector v) {
      return v::get;
    }
    return null;
  }

  private static @Nullable ColumnReader fixed(
      FieldVector vector, Types.FixedType target, String column) {
    ByteReader bytes = bytes(vector);
    if (bytes == null) {
      return null;
    }
    return i -> {
      byte[] value = bytes.read(i);
      if (value.length != target.length()) {
        throw new Misfit(column, target, value);
      }
      return value;
    };
  }

  private static @Nullable ColumnReader uuids(FieldVector vector) {
    if (!(vector instanceof FixedSizeBinaryVector v) || v.getByteWidth() != 16) {
      return null;
    }
    return i -> {
      ByteBuffer bytes = ByteBuffer.wrap(v.get(i));
      return new UUID(bytes.getLong(), bytes.getLong());
    };
  }
}
