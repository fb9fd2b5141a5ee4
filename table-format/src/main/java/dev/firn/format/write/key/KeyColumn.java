package dev.firn.format.write.key;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.transforms.Transform;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * One partition or sort field: a column, possibly within structs, and its transform. Holds the
 * values of the last batch. Confined to one thread.
 */
final class KeyColumn {
  // From the root's columns down through the fields of structs.
  private final int[] path;
  private final Type source;
  private final Type result;
  private final boolean nullable;
  private final ColumnTransform transform;
  private final Values values = new Values();

  private KeyColumn(int[] path, boolean nullable, Type source, Transform<?, ?> transform) {
    this.path = path;
    this.source = source;
    this.result = transform.getResultType(source);
    this.nullable = nullable || transform.isVoid();
    this.transform = ColumnTransform.of(transform, source);
  }

  static KeyColumn of(Schema schema, int sourceId, Transform<?, ?> transform) {
    List<Integer> path = new ArrayList<>();
    List<NestedField> fields = schema.columns();
    boolean nullable = false;
    while (true) {
      int position = positionOf(fields, sourceId);
      NestedField field = fields.get(position);
      path.add(position);
      nullable |= field.isOptional();
      if (field.fieldId() == sourceId) {
        int[] positions = path.stream().mapToInt(Integer::intValue).toArray();
        return new KeyColumn(positions, nullable, field.type(), transform);
      }
      fields = field.type().asStructType().fields();
    }
  }

  /** The position of the field itself, or of the struct that holds it. */
  private static int positionOf(List<NestedField> fields, int id) {
    for (int i = 0; i < fields.size(); i++) {
      if (holds(fields.get(i), id)) {
        return i;
      }
    }
    throw new IllegalArgumentException("no column with id " + id + " among " + fields);
  }

  private static boolean holds(NestedField field, int id) {
    return field.fieldId() == id
        || (field.type().isStructType()
            && field.type().asStructType().fields().stream().anyMatch(f -> holds(f, id)));
  }

  Type result() {
    return result;
  }

  boolean nullable() {
    return nullable;
  }

  /** Reads and transforms the column of {@code count} rows from row {@code from}. */
  Values read(VectorSchemaRoot batch, int from, int count) {
    FieldVector[] vectors = new FieldVector[path.length];
    vectors[0] = batch.getVector(path[0]);
    for (int i = 1; i < vectors.length; i++) {
      vectors[i] = vectors[i - 1].getChildrenFromFields().get(path[i]);
    }
    ColumnValues.read(vectors[vectors.length - 1], source, from, count, values);
    for (int i = 0; i < vectors.length - 1; i++) {
      ColumnValues.nulls(vectors[i], from, values);
    }
    transform.apply(values);
    return values;
  }

  /** The value of one row of the last batch as Iceberg's partition tuples hold it. */
  @Nullable Object value(int row) {
    if (values.isNull(row)) {
      return null;
    }
    long word = values.words[row];
    return switch (result.typeId()) {
      case BOOLEAN -> word != 0;
      case INTEGER, DATE -> (int) word;
      case LONG, TIME, TIMESTAMP, TIMESTAMP_NANO -> word;
      case FLOAT -> Float.intBitsToFloat((int) word ^ (((int) word >> 31) & Integer.MAX_VALUE));
      case DOUBLE -> Double.longBitsToDouble(ColumnValues.flip(word));
      case DECIMAL -> new BigDecimal(unscaled(row), ((Types.DecimalType) result).scale());
      case STRING -> new String(bytes(row), StandardCharsets.UTF_8);
      case UUID -> {
        ByteBuffer bytes = ByteBuffer.wrap(bytes(row));
        yield new UUID(bytes.getLong(), bytes.getLong());
      }
      default -> ByteBuffer.wrap(bytes(row));
    };
  }

  private BigInteger unscaled(int row) {
    return values.kind == Values.Kind.WIDE
        ? Wide.toBigInteger(values, row)
        : BigInteger.valueOf(values.words[row]);
  }

  private byte[] bytes(int row) {
    byte[] bytes = new byte[values.lengths[row]];
    MemoryUtil.copyFromMemory(values.words[row], bytes, 0, bytes.length);
    return bytes;
  }
}
