package dev.firn.compaction.erase;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Partitioning;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.BoundPredicate;
import org.apache.iceberg.expressions.BoundReference;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.ExpressionVisitors;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.UnboundPredicate;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.types.Types.StructType;

/**
 * The values that a filter asks to be equal to, by column: what metadata must not repeat. Of other
 * comparisons there are none. Immutable.
 *
 * @param bytes the values in Iceberg's single-value form, as column bounds have them
 * @param partitions the values as a snapshot's summary has them, {@code name=value}; none where the
 *     filter asks for more, so that other rows may rightly have them
 * @param partitionType of all specs of the table together
 * @param identities the columns that partitions have as they are, by the partition field
 */
record ErasedValues(
    Map<Integer, List<ByteBuffer>> bytes,
    List<String> partitions,
    StructType partitionType,
    Map<Integer, Integer> identities) {
  /** Shorter beginnings of a text are not held to tell whose it is. */
  private static final int TELLING_BYTES = 16;

  static ErasedValues of(Table table, Expression where) {
    Collector collector = new Collector(table.schema());
    boolean alone = ExpressionVisitors.visit(Expressions.rewriteNot(where), collector);
    List<String> partitions = alone ? partitions(table, collector) : List.of();
    Map<Integer, Integer> identities = new HashMap<>();
    for (PartitionSpec spec : table.specs().values()) {
      for (PartitionField field : spec.fields()) {
        if (field.transform().isIdentity()) {
          identities.put(field.fieldId(), field.sourceId());
        }
      }
    }
    StructType type = Partitioning.partitionType(table);
    return new ErasedValues(collector.bytes, partitions, type, identities);
  }

  /** Whether a partition, of a struct of such fields, has one of the values. */
  boolean tells(StructType type, StructLike partition) {
    List<NestedField> fields = type.fields();
    for (int i = 0; i < fields.size() && i < partition.size(); i++) {
      Integer column = identities.get(fields.get(i).fieldId());
      Object value = column == null ? null : partition.get(i, Object.class);
      if (column != null
          && value != null
          && tells(column, Collector.form(fields.get(i).type(), value))) {
        return true;
      }
    }
    return false;
  }

  /** Whether no other row may rightly be in a partition of such a value. */
  boolean isAlone() {
    return !partitions.isEmpty();
  }

  private static List<String> partitions(Table table, Collector collector) {
    List<String> partitions = new ArrayList<>();
    for (PartitionSpec spec : table.specs().values()) {
      for (PartitionField field : spec.fields()) {
        List<Object> values = collector.values.getOrDefault(field.sourceId(), List.of());
        if (field.transform().isIdentity()) {
          values.forEach(value -> partitions.add(field.name() + "=" + value));
        }
      }
    }
    return partitions.stream().distinct().toList();
  }

  /** Whether the bound of the column is one of the values, or a long beginning of one. */
  boolean tells(int field, ByteBuffer bound) {
    for (ByteBuffer value : bytes.getOrDefault(field, List.of())) {
      if (value.equals(bound)) {
        return true;
      }
      // A truncated upper bound has its last character raised.
      int length = bound.remaining() - 1;
      if (length >= TELLING_BYTES - 1
          && length <= value.remaining()
          && value.slice(0, length).equals(bound.slice(bound.position(), length))) {
        return true;
      }
    }
    return false;
  }

  /** Answers whether equality to a value alone decides. */
  private static final class Collector extends ExpressionVisitors.ExpressionVisitor<Boolean> {
    private final Schema schema;
    private final Map<Integer, List<ByteBuffer>> bytes = new HashMap<>();
    private final Map<Integer, List<Object>> values = new HashMap<>();

    Collector(Schema schema) {
      this.schema = schema;
    }

    @Override
    public Boolean alwaysTrue() {
      return false;
    }

    @Override
    public Boolean alwaysFalse() {
      return true;
    }

    @Override
    public Boolean and(Boolean left, Boolean right) {
      return false;
    }

    @Override
    public Boolean or(Boolean left, Boolean right) {
      return left && right;
    }

    @Override
    public <T> Boolean predicate(UnboundPredicate<T> predicate) {
      Expression bound = predicate.bind(schema.asStruct(), true);
      if (bound instanceof BoundPredicate<?> of && of.term() instanceof BoundReference<?> column) {
        if (of.op() == Expression.Operation.EQ) {
          add(column, of.asLiteralPredicate().literal().value());
          return true;
        }
        if (of.op() == Expression.Operation.IN) {
          of.asSetPredicate().literalSet().forEach(value -> add(column, value));
          return true;
        }
      }
      return bound.op() == Expression.Operation.FALSE;
    }

    private void add(BoundReference<?> column, Object value) {
      Type type = column.type();
      List<ByteBuffer> forms = bytes.computeIfAbsent(column.fieldId(), id -> new ArrayList<>());
      forms.add(form(type, value));
      // Files from before the column was widened.
      if (type.typeId() == TypeID.LONG && value instanceof Long wide && wide.intValue() == wide) {
        forms.add(form(Types.IntegerType.get(), wide.intValue()));
      }
      if (type.typeId() == TypeID.DOUBLE
          && value instanceof Double wide
          && wide.floatValue() == wide) {
        forms.add(form(Types.FloatType.get(), wide.floatValue()));
      }
      values
          .computeIfAbsent(column.fieldId(), id -> new ArrayList<>())
          .add(type.typeId() == TypeID.STRING ? value.toString() : value);
    }

    private static ByteBuffer form(Type type, Object value) {
      return value instanceof CharSequence text
          ? ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8))
          : Conversions.toByteBuffer(type, value).duplicate();
    }
  }
}
