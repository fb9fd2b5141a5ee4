package dev.firn.format.parquet.read;

import dev.firn.format.parquet.page.Conversion;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.hadoop.metadata.ColumnPath;

/**
 * A column of the file that one field reads. Compared by identity: two fields may read one column.
 */
final class StoredLeaf {
  private final ColumnDescriptor column;
  private final ColumnPath path;
  private final Conversion conversion;
  private final Shape shape;

  StoredLeaf(ColumnDescriptor column, Conversion conversion, Shape shape) {
    this.column = column;
    this.path = ColumnPath.get(column.getPath());
    this.conversion = conversion;
    this.shape = shape;
  }

  ColumnDescriptor column() {
    return column;
  }

  ColumnPath path() {
    return path;
  }

  Conversion conversion() {
    return conversion;
  }

  Shape shape() {
    return shape;
  }

  int maxDef() {
    return column.getMaxDefinitionLevel();
  }

  int maxRep() {
    return column.getMaxRepetitionLevel();
  }
}
