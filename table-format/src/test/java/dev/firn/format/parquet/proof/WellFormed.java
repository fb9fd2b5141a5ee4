package dev.firn.format.parquet.proof;

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;

/**
 * Whether the vectors of a batch can be walked within their buffers. Arrow's own {@code
 * validateFull} refuses maps, and sound decimals of full precision.
 */
final class WellFormed {
  private WellFormed() {}

  static void check(VectorSchemaRoot batch, DictionaryProvider dictionaries) {
    for (FieldVector vector : batch.getFieldVectors()) {
      require(vector.getValueCount() == batch.getRowCount(), vector, "rows of the batch");
      check(vector, dictionaries);
    }
  }

  private static void check(FieldVector vector, DictionaryProvider dictionaries) {
    if (vector instanceof NullVector) {
      return;
    }
    long validity = vector.getValidityBuffer().capacity();
    require(validity == 0 || validity * 8 >= vector.getValueCount(), vector, "validity");
    DictionaryEncoding encoding = vector.getField().getDictionary();
    if (encoding != null) {
      checkIds((BaseIntVector) vector, dictionaries.lookup(encoding.getId()).getVector());
    } else if (vector instanceof BaseFixedWidthVector fixed) {
      // A bit has no width in bytes.
      long bits = fixed.getTypeWidth() == 0 ? 1 : 8L * fixed.getTypeWidth();
      long data = fixed.getDataBuffer().capacity();
      require(8 * data >= bits * fixed.getValueCount(), vector, "values");
    } else if (vector instanceof BaseVariableWidthVector bytes) {
      long end = checkOffsets(bytes, bytes.getOffsetBuffer());
      require(bytes.getDataBuffer().capacity() >= end, vector, "data");
    } else if (vector instanceof ListVector list) {
      long end = checkOffsets(list, list.getOffsetBuffer());
      require(list.getDataVector().getValueCount() >= end, vector, "elements");
      check(list.getDataVector(), dictionaries);
    } else if (vector instanceof StructVector struct) {
      for (FieldVector child : struct.getChildrenFromFields()) {
        require(child.getValueCount() >= struct.getValueCount(), child, "values of its struct");
        check(child, dictionaries);
      }
    }
  }

  private static void checkIds(BaseIntVector ids, org.apache.arrow.vector.ValueVector values) {
    for (int i = 0; i < ids.getValueCount(); i++) {
      if (!ids.isNull(i)) {
        long id = ids.getValueAsLong(i);
        require(id >= 0 && id < values.getValueCount(), (FieldVector) ids, "ids");
      }
    }
    check((FieldVector) values, null);
  }

  /** The last offset, all of them ascending from 0 or more. */
  private static long checkOffsets(FieldVector vector, ArrowBuf offsets) {
    int count = vector.getValueCount();
    if (count == 0) {
      return 0;
    }
    require(offsets.capacity() >= 4L * (count + 1), vector, "offsets");
    require(offsets.getInt(0) >= 0, vector, "offsets");
    for (int i = 0; i < count; i++) {
      require(offsets.getInt(4L * i) <= offsets.getInt(4L * i + 4), vector, "ascending offsets");
    }
    return offsets.getInt(4L * count);
  }

  private static void require(boolean met, FieldVector vector, String what) {
    if (!met) {
      throw new AssertionError("The batch is malformed: " + what + " of " + vector.getField());
    }
  }
}
