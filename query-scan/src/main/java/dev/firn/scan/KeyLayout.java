package dev.firn.scan;

import dev.firn.format.parquet.filter.RowBits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.types.Types.StructType;

/**
 * How the key of equality deletes is packed, and where batches of some columns show it. Keys are
 * equal where Iceberg's comparators say so: null is null, NaN is NaN, -0.0 is not 0.0, and a struct
 * that is null is not one of nulls. Immutable.
 *
 * <p>How it works: one column of at most eight bytes makes a long; everything else bytes, per field
 * in the order of ids a mark for what is null, and the value, with its length where that varies.
 */
final class KeyLayout {
  /** Where a field is: its column, then the structs' fields down to it. */
  private static final class Path {
    private final int[] places;
    private final Type type;

    Path(int[] places, Type type) {
      this.places = places;
      this.type = type;
    }
  }

  private final String name;
  private final Schema columns;
  private final List<Path> paths = new ArrayList<>();
  private final boolean oneLong;

  /** {@code columns} are those of the batches to come, and hold all fields. */
  KeyLayout(Schema columns, Collection<Integer> fieldIds) {
    TreeSet<Integer> ids = new TreeSet<>(fieldIds);
    this.columns = columns;
    this.name = ids.toString();
    ids.forEach(id -> paths.add(path(columns.columns(), id, new int[0])));
    Path first = paths.get(0);
    this.oneLong = paths.size() == 1 && first.places.length == 1 && KeyValues.isLong(first.type);
  }

  private static Path path(List<NestedField> fields, int id, int[] above) {
    for (int i = 0; i < fields.size(); i++) {
      NestedField field = fields.get(i);
      int[] places = Arrays.copyOf(above, above.length + 1);
      places[above.length] = i;
      if (field.fieldId() == id) {
        return new Path(places, field.type());
      }
      if (!field.type().isPrimitiveType() && TypeUtil.indexById(structOf(field)).containsKey(id)) {
        return field.type().isStructType()
            ? path(field.type().asStructType().fields(), id, places)
            : new Path(places, field.type());
      }
    }
    throw new IllegalArgumentException("no column has the field " + id);
  }

  private static StructType structOf(NestedField field) {
    return StructType.of(field);
  }

  /** Tells layouts of the columns of one reader apart. */
  String name() {
    return name;
  }

  /** The columns that batches must have. */
  Schema columns() {
    return columns;
  }

  /** An empty set for such keys. */
  KeySet newSet(long expected, long maxBytes) {
    return oneLong ? new LongKeys(expected, maxBytes) : new BytesKeys(maxBytes);
  }

  /** What a key takes at most, or about. */
  int bytesPerKey() {
    return oneLong ? 32 : 48 + 16 * paths.size();
  }

  /** Adds the keys of all rows that are in the part; false where they do not fit the set. */
  boolean fill(VectorSchemaRoot batch, HashPart part, KeySet into) {
    return into instanceof LongKeys longs
        ? fillLongs(batch, part, longs)
        : fillBytes(batch, part, (BytesKeys) into);
  }

  private boolean fillLongs(VectorSchemaRoot batch, HashPart part, LongKeys into) {
    FieldVector column = batch.getVector(paths.get(0).places[0]);
    KeyValues.Longs values = KeyValues.longs(column, paths.get(0).type);
    for (int row = 0; row < batch.getRowCount(); row++) {
      if (column.isNull(row)) {
        into.addNull();
      } else {
        long key = values.at(row);
        if (part.has(KeySet.mix(key)) && !into.add(key)) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean fillBytes(VectorSchemaRoot batch, HashPart part, BytesKeys into) {
    KeyValues key = new KeyValues();
    for (int row = 0; row < batch.getRowCount(); row++) {
      pack(batch, row, key);
      long hash = key.hash();
      if (part.has(hash) && !into.add(key.bytes(), key.length(), hash)) {
        return false;
      }
    }
    return true;
  }

  /** Removes from {@code keep} the rows whose key is in the set. */
  void probe(VectorSchemaRoot batch, KeySet deleted, RowBits keep) {
    if (deleted instanceof LongKeys longs) {
      probeLongs(batch, longs, keep);
    } else {
      probeBytes(batch, (BytesKeys) deleted, keep);
    }
  }

  private void probeLongs(VectorSchemaRoot batch, LongKeys deleted, RowBits keep) {
    FieldVector column = batch.getVector(paths.get(0).places[0]);
    KeyValues.Longs values = KeyValues.longs(column, paths.get(0).type);
    boolean nulls = column.getNullCount() > 0;
    for (int row = 0; row < keep.rows(); row++) {
      if (keep.get(row)
          && (nulls && column.isNull(row) ? deleted.hasNull() : deleted.contains(values.at(row)))) {
        keep.clear(row);
      }
    }
  }

  private void probeBytes(VectorSchemaRoot batch, BytesKeys deleted, RowBits keep) {
    KeyValues key = new KeyValues();
    for (int row = 0; row < keep.rows(); row++) {
      if (keep.get(row)) {
        pack(batch, row, key);
        if (deleted.contains(key.bytes(), key.length(), key.hash())) {
          keep.clear(row);
        }
      }
    }
  }

  private void pack(VectorSchemaRoot batch, int row, KeyValues key) {
    key.clear();
    for (Path path : paths) {
      FieldVector vector = batch.getVector(path.places[0]);
      int depth = 1;
      while (depth < path.places.length && !vector.isNull(row)) {
        vector = ((StructVector) vector).getChildrenFromFields().get(path.places[depth++]);
      }
      if (depth < path.places.length) {
        key.nullAbove(depth);
      } else {
        key.add(vector, path.type, row);
      }
    }
  }
}
