package dev.firn.change;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.scan.RowFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * The columns that a merge's conditions see, of a row of the target and one of the source: {@code
 * target.x} and {@code source.x}; and plain {@code x}, which is the target's, or the source's where
 * the target has none of that name. Immutable.
 */
final class PairSchema {
  private static final String TARGET = "target";
  private static final String SOURCE = "source";

  /** A column of the pair that is one of a side's. */
  private record Plain(boolean ofTarget, int position) {}

  private final Schema schema;
  private final List<Plain> plain = new ArrayList<>();

  PairSchema(Schema target, Schema source) {
    List<NestedField> columns = new ArrayList<>();
    AtomicInteger id = new AtomicInteger();
    columns.add(NestedField.optional(1, TARGET, optional(target).asStruct()));
    columns.add(NestedField.optional(2, SOURCE, optional(source).asStruct()));
    add(columns, target, true);
    add(columns, source, false);
    List<NestedField> fresh = new ArrayList<>();
    for (NestedField column : columns) {
      fresh.add(
          NestedField.optional(
              id.incrementAndGet(),
              column.name(),
              TypeUtil.assignFreshIds(column.type(), id::incrementAndGet)));
    }
    this.schema = new Schema(fresh);
  }

  private void add(List<NestedField> columns, Schema of, boolean ofTarget) {
    for (int i = 0; i < of.columns().size(); i++) {
      NestedField column = of.columns().get(i);
      if (columns.stream().noneMatch(each -> each.name().equals(column.name()))) {
        columns.add(column);
        plain.add(new Plain(ofTarget, i));
      }
    }
  }

  /** A pair may have one row only. */
  private static Schema optional(Schema schema) {
    return new Schema(
        schema.columns().stream()
            .map(each -> NestedField.optional(each.fieldId(), each.name(), each.type()))
            .toList());
  }

  /** Returns the columns under all their names. */
  Schema schema() {
    return schema;
  }

  /** Returns the test of a condition, in SQL's three-valued logic. */
  PairCondition test(String table, Expression condition) {
    RowFilter filter;
    try {
      filter = RowFilter.bind(schema.asStruct(), condition);
    } catch (ValidationException | IllegalArgumentException e) {
      throw new FirnException(
          ErrorKind.INVALID,
          "Cannot merge into %s: bad condition %s: %s; columns are target.NAME and source.NAME"
              .formatted(table, condition, e.getMessage()),
          e);
    }
    InternalRecordWrapper internal = new InternalRecordWrapper(schema.asStruct());
    return (target, source) -> filter.matches(internal.wrap(pair(target, source)));
  }

  private Record pair(@Nullable Record target, @Nullable Record source) {
    Record pair = GenericRecord.create(schema.asStruct());
    pair.set(0, target);
    pair.set(1, source);
    for (int i = 0; i < plain.size(); i++) {
      Plain column = plain.get(i);
      Record side = column.ofTarget() ? target : source;
      pair.set(i + 2, side == null ? null : side.get(column.position()));
    }
    return pair;
  }
}
