package dev.firn.format.parquet.write;

import dev.firn.error.FirnException;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;

/**
 * Proves that a batch has a leaf's vectors, in its types and with all the memory that will be read.
 */
final class BatchCheck {
  private BatchCheck() {}

  /** Returns the vectors down to the leaf, good for the first {@code rows} rows. */
  static FieldVector[] vectors(Leaf leaf, VectorSchemaRoot batch, int rows) {
    FieldVector[] vectors = leaf.vectors(batch);
    if (vectors == null) {
      throw misfit(leaf, "the vectors of another type", batch.getSchema());
    }
    FieldVector vector = vectors[vectors.length - 1];
    Field field = vector.getField();
    if (!same(leaf.arrow(), field.getType()) || field.getDictionary() != null) {
      throw misfit(leaf, "another type", field);
    }
    long slots = rows;
    for (int s = 0; s < vectors.length; s++) {
      slots = check(leaf, leaf.steps().get(s), vectors[s], slots);
    }
    checkValues(leaf, vector, slots);
    return vectors;
  }

  private static boolean same(ArrowType expected, ArrowType got) {
    if (expected instanceof ArrowType.Timestamp a && got instanceof ArrowType.Timestamp b) {
      return a.getUnit() == b.getUnit() && (a.getTimezone() == null) == (b.getTimezone() == null);
    }
    return expected.equals(got);
  }

  /** Checks the first {@code slots} slots; returns how many that makes in the next vector. */
  private static long check(Leaf leaf, Leaf.Step step, FieldVector vector, long slots) {
    if (vector.getValueCount() < slots) {
      throw misfit(leaf, "fewer values than rows", vector.getValueCount());
    }
    if (slots == 0) {
      return 0;
    }
    long validity = vector.getValidityBuffer().capacity();
    require(leaf, validity == 0 || validity >= (slots + 7) / 8);
    if (step.kind() != Leaf.Step.Kind.LIST) {
      return slots;
    }
    return lastOffset(leaf, vector.getOffsetBuffer(), slots);
  }

  private static long lastOffset(Leaf leaf, ArrowBuf offsets, long slots) {
    require(leaf, offsets.capacity() >= 4 * (slots + 1));
    int last = MemoryUtil.getInt(offsets.memoryAddress() + 4 * slots);
    require(leaf, last >= 0);
    return last;
  }

  private static void checkValues(Leaf leaf, FieldVector vector, long slots) {
    if (slots == 0) {
      return;
    }
    long data = vector.getDataBuffer().capacity();
    if (vector instanceof BitVector) {
      require(leaf, data >= (slots + 7) / 8);
    } else if (vector instanceof BaseFixedWidthVector fixed) {
      require(leaf, data >= slots * fixed.getTypeWidth());
    } else {
      require(leaf, data >= lastOffset(leaf, vector.getOffsetBuffer(), slots));
    }
  }

  private static void require(Leaf leaf, boolean met) {
    if (!met) {
      throw misfit(leaf, "buffers that are too short", "less memory than its values take");
    }
  }

  private static FirnException misfit(Leaf leaf, String fault, Object got) {
    return FirnException.invalid(
        "Cannot write rows: column "
            + leaf.name()
            + " has "
            + fault
            + " in the batch, expected "
            + leaf.arrow()
            + ", got "
            + got);
  }
}
