package dev.firn.scan.plan;

import dev.firn.scan.plan.PartitionStage.Physical;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Decodes entries of manifests of one Avro schema into columns, whatever the order and the names of
 * its fields: they are known by their ids, and skipped where they are not. Stateful: the row that a
 * {@link ChunkBuilder} is at; confined to one thread.
 */
final class EntryDecoder {
  private static final String FIELD_ID = "field-id";
  private static final int DELETED = 2;

  /** Reads one value, or moves over it. */
  @FunctionalInterface
  private interface ValueReader {
    void read(AvroInput in);
  }

  /** What to do with a value of a type that the spec gives. */
  @FunctionalInterface
  private interface LongSink {
    void put(long value);
  }

  private final ChunkBuilder into;
  private final ValueReader entry;
  private long status;

  /**
   * @throws UnsupportedManifestException for a schema that is not as the spec has it
   */
  EntryDecoder(Schema schema, ChunkBuilder into) {
    this.into = into;
    this.entry = record(schema, this::entryField);
  }

  /** Decodes an entry into the current row; returns whether it is live. */
  boolean read(AvroInput in) {
    status = -1;
    entry.read(in);
    if (status < 0 || status > DELETED) {
      throw new DamagedManifestException("an entry of status " + status);
    }
    return status != DELETED;
  }

  /** The status of the entry that was read last. */
  long status() {
    return status;
  }

  @FunctionalInterface
  private interface FieldReaders {
    ValueReader of(int fieldId, Schema schema);
  }

  private static ValueReader record(Schema schema, FieldReaders readers) {
    if (schema.getType() != Schema.Type.RECORD) {
      throw new UnsupportedManifestException("a " + schema.getType() + " where a record should be");
    }
    List<ValueReader> fields = new ArrayList<>();
    for (Schema.Field field : schema.getFields()) {
      Object id = field.getObjectProp(FIELD_ID);
      fields.add(
          id instanceof Integer number ? readers.of(number, field.schema()) : skip(field.schema()));
    }
    ValueReader[] array = fields.toArray(ValueReader[]::new);
    return in -> {
      for (ValueReader field : array) {
        field.read(in);
      }
    };
  }

  private ValueReader entryField(int id, Schema schema) {
    return switch (id) {
      case 0 -> number(schema, value -> status = value);
      case 1 -> number(schema, LongField.SNAPSHOT_ID);
      case 2 -> record(schema, this::fileField);
      case 3 -> number(schema, LongField.DATA_SEQUENCE);
      case 4 -> number(schema, LongField.FILE_SEQUENCE);
      default -> skip(schema);
    };
  }

  private ValueReader fileField(int id, Schema schema) {
    return switch (id) {
      case 134 -> number(schema, LongField.CONTENT);
      case 100 -> slice(schema, into.path());
      case 101 -> slice(schema, into.format());
      case 102 -> record(schema, this::partitionField);
      case 103 -> number(schema, LongField.RECORD_COUNT);
      case 104 -> number(schema, LongField.FILE_SIZE);
      case 108 -> map(schema, Statistic.COLUMN_SIZES);
      case 109 -> map(schema, Statistic.VALUE_COUNTS);
      case 110 -> map(schema, Statistic.NULL_COUNTS);
      case 137 -> map(schema, Statistic.NAN_COUNTS);
      case 125 -> map(schema, Statistic.LOWER_BOUNDS);
      case 128 -> map(schema, Statistic.UPPER_BOUNDS);
      case 131 -> slice(schema, into.keyMetadata());
      case 132 -> list(schema, into::beginSplitOffsets, into::addSplitOffset);
      case 135 -> list(schema, into::beginEqualityIds, into::addEqualityId);
      case 140 -> number(schema, LongField.SORT_ORDER);
      case 142 -> number(schema, LongField.FIRST_ROW_ID);
      case 143 -> slice(schema, into.referenced());
      case 144 -> number(schema, LongField.CONTENT_OFFSET);
      case 145 -> number(schema, LongField.CONTENT_SIZE);
      default -> skip(schema);
    };
  }

  private ValueReader partitionField(int id, Schema schema) {
    Schema type = Optionals.valueType(schema);
    return Optionals.reader(schema, partitionValue(id, type));
  }

  private ValueReader partitionValue(int id, Schema type) {
    return switch (type.getType()) {
      case NULL -> in -> {};
      case BOOLEAN -> {
        LongStage stage = into.partition(id, Physical.BOOLEAN);
        yield in -> stage.put(into.row(), in.readBoolean() ? 1 : 0);
      }
      case INT -> {
        LongStage stage = into.partition(id, Physical.INT);
        yield in -> stage.put(into.row(), in.readLong());
      }
      case LONG -> {
        LongStage stage = into.partition(id, Physical.LONG);
        yield in -> stage.put(into.row(), in.readLong());
      }
      case FLOAT -> {
        LongStage stage = into.partition(id, Physical.FLOAT);
        yield in -> stage.put(into.row(), in.readFixed(4));
      }
      case DOUBLE -> {
        LongStage stage = into.partition(id, Physical.DOUBLE);
        yield in -> stage.put(into.row(), in.readFixed(8));
      }
      case STRING, BYTES -> {
        LongStage stage = into.partition(id, Physical.BYTES);
        yield in -> stage.put(into.row(), in.readSlice());
      }
      case FIXED -> {
        LongStage stage = into.partition(id, Physical.BYTES);
        int size = type.getFixedSize();
        yield in -> stage.put(into.row(), BytesColumn.slice(in.skip(size), size));
      }
      default -> throw new UnsupportedManifestException("a partition value of type " + type);
    };
  }

  private ValueReader number(Schema schema, LongField field) {
    LongStage stage = into.longs(field);
    return number(schema, value -> stage.put(into.row(), value));
  }

  private static ValueReader number(Schema schema, LongSink sink) {
    Schema type = Optionals.valueType(schema);
    return switch (type.getType()) {
      case INT, LONG -> Optionals.reader(schema, in -> sink.put(in.readLong()));
      default -> throw new UnsupportedManifestException("a " + type + " where a number should be");
    };
  }

  private ValueReader slice(Schema schema, LongStage stage) {
    Schema type = Optionals.valueType(schema);
    return switch (type.getType()) {
      case STRING, BYTES -> Optionals.reader(schema, in -> stage.put(into.row(), in.readSlice()));
      default -> throw new UnsupportedManifestException("a " + type + " where bytes should be");
    };
  }

  private static ValueReader list(Schema schema, Runnable begin, LongSink sink) {
    Schema type = Optionals.valueType(schema);
    if (type.getType() != Schema.Type.ARRAY) {
      throw new UnsupportedManifestException("a " + type + " where a list should be");
    }
    ValueReader item = number(type.getElementType(), sink);
    return Optionals.reader(
        schema,
        in -> {
          begin.run();
          items(in, item);
        });
  }

  private static void items(AvroInput in, ValueReader item) {
    for (long block = in.readBlock(); block > 0; block = in.readBlock()) {
      for (long i = 0; i < block; i++) {
        item.read(in);
      }
    }
  }

  /** Maps with keys that are no strings are arrays of key and value. */
  private ValueReader map(Schema schema, Statistic statistic) {
    Schema type = Optionals.valueType(schema);
    if (type.getType() != Schema.Type.ARRAY || !isPair(type.getElementType(), statistic)) {
      throw new UnsupportedManifestException("a " + type + " where a map should be");
    }
    MapStage stage = into.statistics(statistic);
    return Optionals.reader(schema, in -> pairs(in, stage, statistic.isBound()));
  }

  private static boolean isPair(Schema schema, Statistic statistic) {
    if (schema.getType() != Schema.Type.RECORD || schema.getFields().size() != 2) {
      return false;
    }
    Schema.Type key = schema.getFields().get(0).schema().getType();
    Schema.Type value = schema.getFields().get(1).schema().getType();
    return key == Schema.Type.INT
        && (statistic.isBound()
            ? value == Schema.Type.BYTES
            : value == Schema.Type.LONG || value == Schema.Type.INT);
  }

  private void pairs(AvroInput in, MapStage stage, boolean slices) {
    int row = into.row();
    stage.begin(row);
    int guess = 0;
    for (long block = in.readBlock(); block > 0; block = in.readBlock()) {
      for (long i = 0; i < block; i++) {
        int slot = stage.slot(in.readInt(), guess);
        stage.stage(slot).put(row, slices ? in.readSlice() : in.readLong());
        guess = slot + 1;
      }
    }
  }

  private static ValueReader skip(Schema schema) {
    return switch (schema.getType()) {
      case NULL -> in -> {};
      case BOOLEAN -> in -> in.skip(1);
      case INT, LONG, ENUM -> AvroInput::readLong;
      case FLOAT -> in -> in.skip(4);
      case DOUBLE -> in -> in.skip(8);
      case STRING, BYTES -> AvroInput::readSlice;
      case FIXED -> in -> in.skip(schema.getFixedSize());
      case RECORD -> record(schema, (id, type) -> skip(type));
      case ARRAY -> {
        ValueReader item = skip(schema.getElementType());
        yield in -> items(in, item);
      }
      case MAP -> {
        ValueReader value = skip(schema.getValueType());
        yield in ->
            items(
                in,
                item -> {
                  long unused = item.readSlice();
                  value.read(item);
                });
      }
      case UNION -> union(schema.getTypes().stream().map(EntryDecoder::skip).toList());
    };
  }

  private static ValueReader union(List<ValueReader> branches) {
    return in -> {
      int branch = in.readInt();
      if (branch < 0 || branch >= branches.size()) {
        throw new DamagedManifestException("branch " + branch + " of " + branches.size());
      }
      branches.get(branch).read(in);
    };
  }

  /** Unions of null and one type. */
  private static final class Optionals {
    private Optionals() {}

    static Schema valueType(Schema schema) {
      if (schema.getType() != Schema.Type.UNION) {
        return schema;
      }
      @Nullable Schema value = null;
      for (Schema branch : schema.getTypes()) {
        if (branch.getType() != Schema.Type.NULL) {
          if (value != null) {
            throw new UnsupportedManifestException("a union of several types: " + schema);
          }
          value = branch;
        }
      }
      return value == null ? schema.getTypes().get(0) : value;
    }

    static ValueReader reader(Schema schema, ValueReader value) {
      if (schema.getType() != Schema.Type.UNION) {
        return value;
      }
      return union(
          schema.getTypes().stream()
              .map(branch -> branch.getType() == Schema.Type.NULL ? nothing() : value)
              .toList());
    }

    private static ValueReader nothing() {
      return in -> {};
    }
  }
}
