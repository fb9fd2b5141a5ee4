package dev.firn.format.parquet.write;

import java.util.List;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.iceberg.types.Type;
import org.apache.parquet.column.ColumnDescriptor;

/**
 * One column of the file: a primitive, and the way to it through the batch. Immutable.
 *
 * @param descriptor the Parquet column
 * @param name the column's full name, for errors
 * @param type the Iceberg type; of a variant's parts, binary
 * @param arrow the Arrow type that its vector must have
 * @param steps the vectors from the batch's column down to the leaf's own
 * @param measured whether Iceberg's writers count its NaNs: a float or double that is not repeated
 */
record Leaf(
    ColumnDescriptor descriptor,
    String name,
    Type type,
    ArrowType arrow,
    List<Step> steps,
    boolean measured) {

  /**
   * One vector on the way.
   *
   * @param child its position in the vector before it, or in the batch
   * @param kind what it adds to the levels
   * @param optional whether it may be null where its parent is not
   * @param repetition the repetition level of its elements, if it is a list
   * @param name its full name, for errors
   */
  record Step(int child, Kind kind, boolean optional, int repetition, String name) {
    enum Kind {
      VALUE,
      STRUCT,
      LIST,
      /** A map's entries, never null. */
      ENTRIES
    }
  }

  int maxDefinition() {
    return descriptor.getMaxDefinitionLevel();
  }

  int maxRepetition() {
    return descriptor.getMaxRepetitionLevel();
  }

  /** Whether rows and values are the same but for nulls. */
  boolean flat() {
    return steps.size() == 1;
  }

  /** The vectors of the steps; null if one has another shape. */
  FieldVector @org.jspecify.annotations.Nullable [] vectors(VectorSchemaRoot batch) {
    FieldVector[] vectors = new FieldVector[steps.size()];
    for (int i = 0; i < vectors.length; i++) {
      int child = steps.get(i).child();
      FieldVector vector;
      if (i == 0) {
        vector = batch.getVector(child);
      } else if (vectors[i - 1] instanceof ListVector list) {
        vector = list.getDataVector();
      } else if (vectors[i - 1] instanceof StructVector struct && child < struct.size()) {
        vector = (FieldVector) struct.getChildByOrdinal(child);
      } else {
        return null;
      }
      vectors[i] = vector;
    }
    return vectors;
  }
}
