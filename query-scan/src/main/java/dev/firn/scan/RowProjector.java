package dev.firn.scan;

import java.util.List;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.types.Types.StructType;
import org.jspecify.annotations.Nullable;

/** Copies the fields of one struct type out of records of a wider one, matched by id. Immutable. */
final class RowProjector {
  private final StructType target;
  private final GenericRecord template;
  private final int[] positions;
  private final @Nullable RowProjector[] nested;
  private final boolean identity;

  private RowProjector(StructType source, StructType target) {
    List<NestedField> fields = target.fields();
    this.target = target;
    this.template = GenericRecord.create(target);
    this.positions = new int[fields.size()];
    this.nested = new RowProjector[fields.size()];
    boolean same = source.fields().size() == fields.size();
    for (int i = 0; i < fields.size(); i++) {
      NestedField wanted = fields.get(i);
      NestedField present = source.field(wanted.fieldId());
      positions[i] = source.fields().indexOf(present);
      same &= positions[i] == i;
      if (present.type().isStructType()) {
        RowProjector inner =
            new RowProjector(present.type().asStructType(), wanted.type().asStructType());
        nested[i] = inner.identity ? null : inner;
        same &= inner.identity;
      }
    }
    this.identity = same;
  }

  /** Every field of {@code target} must be in {@code source}. */
  static RowProjector of(StructType source, StructType target) {
    return new RowProjector(source, target);
  }

  /** Returns the row itself where there is nothing to leave out or to reorder. */
  Record project(Record row) {
    return identity ? row : copy(row);
  }

  private Record copy(Record row) {
    GenericRecord copy = template.copy();
    for (int i = 0; i < positions.length; i++) {
      Object value = row.get(positions[i]);
      RowProjector inner = nested[i];
      copy.set(i, inner == null || value == null ? value : inner.copy((Record) value));
    }
    return copy;
  }

  @Override
  public String toString() {
    return "RowProjector to " + target;
  }
}
