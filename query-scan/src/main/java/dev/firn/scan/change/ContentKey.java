package dev.firn.scan.change;

import java.util.List;
import java.util.function.Function;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.compare.Range;
import org.apache.arrow.vector.compare.RangeEqualsVisitor;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.types.Types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Rows by their values: equal in every column, they are the same row; equal in the identifier
 * fields alone, where there are some, they are one row that was updated. A row whose identifier is
 * null has none.
 */
final class ContentKey implements RowKey {
  /** Takes a column out of a batch. */
  private interface Path extends Function<VectorSchemaRoot, ValueVector> {}

  private final List<Path> columns;
  private final List<Path> identifier;

  /** {@code rows} are the table's columns, the first of each batch. */
  ContentKey(Schema rows, Schema table) {
    List<NestedField> fields = rows.columns();
    this.columns =
        java.util.stream.IntStream.range(0, fields.size())
            .<Path>mapToObj(i -> root -> root.getVector(i))
            .toList();
    this.identifier =
        table.identifierFieldIds().stream().sorted().map(id -> path(rows.asStruct(), id)).toList();
  }

  private static Path path(StructType struct, int id) {
    int[] places = places(struct, id);
    if (places == null) {
      throw new IllegalArgumentException("identifier field " + id + " is not in " + struct);
    }
    return root -> {
      FieldVector vector = root.getVector(places[0]);
      for (int i = 1; i < places.length; i++) {
        vector = ((StructVector) vector).getChildrenFromFields().get(places[i]);
      }
      return vector;
    };
  }

  private static int @Nullable [] places(StructType struct, int id) {
    List<NestedField> fields = struct.fields();
    for (int i = 0; i < fields.size(); i++) {
      NestedField field = fields.get(i);
      if (field.fieldId() == id) {
        return new int[] {i};
      }
      int[] inner = field.type().isStructType() ? places(field.type().asStructType(), id) : null;
      if (inner != null) {
        int[] places = new int[inner.length + 1];
        places[0] = i;
        System.arraycopy(inner, 0, places, 1, inner.length);
        return places;
      }
    }
    return null;
  }

  @Override
  public boolean has(VectorSchemaRoot rows, int row) {
    return true;
  }

  @Override
  public int hash(VectorSchemaRoot rows, int row) {
    int hash = 17;
    for (Path path : identifier.isEmpty() ? columns : identifier) {
      hash = 31 * hash + path.apply(rows).hashCode(row);
    }
    return hash;
  }

  @Override
  public Comparison comparison(VectorSchemaRoot before, VectorSchemaRoot after) {
    Equality all = new Equality(columns, before, after);
    Equality keys = new Equality(identifier, before, after);
    return (row, other) -> {
      if (all.test(row, other)) {
        return Likeness.SAME;
      }
      return !identifier.isEmpty() && keys.noneNull(row) && keys.test(row, other)
          ? Likeness.UPDATED
          : Likeness.DIFFERENT;
    };
  }

  /** Whether some columns of rows of two batches are equal, null to null. */
  private static final class Equality {
    private final List<ValueVector> vectors;
    private final List<RangeEqualsVisitor> visitors;

    Equality(List<Path> paths, VectorSchemaRoot before, VectorSchemaRoot after) {
      this.vectors = paths.stream().map(path -> path.apply(before)).toList();
      this.visitors =
          paths.stream()
              .map(path -> new RangeEqualsVisitor(path.apply(before), path.apply(after)))
              .toList();
    }

    boolean noneNull(int row) {
      return vectors.stream().noneMatch(vector -> vector.isNull(row));
    }

    boolean test(int row, int other) {
      for (RangeEqualsVisitor visitor : visitors) {
        if (!visitor.rangeEquals(new Range(row, other, 1))) {
          return false;
        }
      }
      return true;
    }
  }
}
