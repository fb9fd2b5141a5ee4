package dev.firn.format.merge;

import org.apache.parquet.column.ColumnDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * A column of the files that come out. Immutable.
 *
 * @param index among the columns, in file order
 * @param name full, as the table has it
 * @param lineage which column of row lineage it is; null: none
 * @param measured whether Iceberg's writers count its NaNs: a float or double that is not repeated
 * @param unmeasured whether the table asks for no statistics of it
 * @param bloom the false-positive probability of its bloom filter; null: it has none
 */
record Column(
    int index,
    ColumnDescriptor descriptor,
    String name,
    @Nullable Lineage lineage,
    boolean measured,
    boolean unmeasured,
    @Nullable Double bloom) {
  /** The columns of row lineage. */
  enum Lineage {
    ROW_ID,
    SEQUENCE_NUMBER
  }

  boolean flat() {
    return descriptor.getMaxRepetitionLevel() == 0;
  }

  /** Bytes of a value encoded PLAIN; 0 for byte strings of any length. */
  int width() {
    return switch (descriptor.getPrimitiveType().getPrimitiveTypeName()) {
      case INT32, FLOAT -> 4;
      case INT64, DOUBLE -> 8;
      case INT96 -> 12;
      case FIXED_LEN_BYTE_ARRAY -> descriptor.getPrimitiveType().getTypeLength();
      case BINARY, BOOLEAN -> 0;
    };
  }
}
