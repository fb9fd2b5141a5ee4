package dev.firn.format.write.key;

import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;

/**
 * Numbers the partitions of one spec in order of first sight, and finds each row's. Equal to
 * Iceberg's {@link PartitionKey} row by row. Confined to one thread.
 *
 * <p>How it works: each field's column is transformed as a whole and its values numbered; a row's
 * numbers, folded pair by pair, give the number of its tuple.
 */
public final class Partitioner {
  private final PartitionSpec spec;
  private final Schema schema;
  private final List<KeyColumn> columns = new ArrayList<>();
  private final List<Codes> values = new ArrayList<>();
  private final List<Codes> tuples = new ArrayList<>();
  private final Codes dense = new Codes();
  private final List<PartitionKey> keys = new ArrayList<>();

  /** {@code schema} is that of the batches, of the types of {@code ArrowSchemas.toArrow}. */
  public Partitioner(PartitionSpec spec, Schema schema) {
    // A spec keeps transforms bound to a type that its source had before it was widened.
    this.spec = spec.toUnbound().bind(schema);
    this.schema = schema;
    for (PartitionField field : spec.fields()) {
      columns.add(KeyColumn.of(schema, field.sourceId(), field.transform()));
      values.add(new Codes());
      tuples.add(new Codes());
    }
  }

  /** Returns the partition of each of {@code count} rows from row {@code from}, as a new array. */
  public int[] partitions(VectorSchemaRoot batch, int from, int count) {
    int[] partitions = new int[count];
    for (int f = 0; f < columns.size(); f++) {
      Values read = columns.get(f).read(batch, from, count);
      Codes codes = values.get(f);
      switch (read.kind) {
        case LONG -> foldLongs(read, codes, tuples.get(f), partitions);
        case BYTES -> foldBytes(read, codes, tuples.get(f), partitions);
        case WIDE -> foldWide(read, codes, tuples.get(f), partitions);
      }
    }
    name(partitions);
    return partitions;
  }

  private static long pair(int tuple, int code) {
    return ((long) tuple << 32) | code;
  }

  private static void foldLongs(Values read, Codes codes, Codes tuples, int[] partitions) {
    long last = 0;
    int lastCode = -1;
    for (int i = 0; i < partitions.length; i++) {
      int code = 0;
      if (read.lengths[i] >= 0) {
        if (lastCode < 0 || read.words[i] != last) {
          last = read.words[i];
          lastCode = codes.of(last) + 1;
        }
        code = lastCode;
      }
      partitions[i] = tuples.of(pair(partitions[i], code));
    }
  }

  private static void foldBytes(Values read, Codes codes, Codes tuples, int[] partitions) {
    for (int i = 0; i < partitions.length; i++) {
      int length = read.lengths[i];
      int code = length < 0 ? 0 : codes.of(read.words[i], length) + 1;
      partitions[i] = tuples.of(pair(partitions[i], code));
    }
  }

  private static void foldWide(Values read, Codes codes, Codes tuples, int[] partitions) {
    for (int i = 0; i < partitions.length; i++) {
      int high = read.isNull(i) ? -1 : codes.of(read.highs[i]);
      int low = read.isNull(i) ? -1 : codes.of(read.words[i]);
      int half = tuples.of(pair(partitions[i], high + 1) | Long.MIN_VALUE);
      partitions[i] = tuples.of(pair(half, low + 1));
    }
  }

  /** Numbers tuples densely, and makes the key of every one not seen before. */
  private void name(int[] partitions) {
    int last = -1;
    int lastPartition = -1;
    for (int i = 0; i < partitions.length; i++) {
      if (partitions[i] != last || lastPartition < 0) {
        last = partitions[i];
        lastPartition = dense.of(last);
        if (lastPartition == keys.size()) {
          keys.add(key(columns, i));
        }
      }
      partitions[i] = lastPartition;
    }
  }

  private PartitionKey key(List<KeyColumn> fields, int row) {
    PartitionKey key = new PartitionKey(spec, schema);
    for (int f = 0; f < fields.size(); f++) {
      key.set(f, fields.get(f).value(row));
    }
    return key;
  }

  /** The partitions seen so far. */
  public int size() {
    return keys.size();
  }

  /** The tuple of a partition, which must not be changed. */
  public PartitionKey key(int partition) {
    return keys.get(partition);
  }
}
