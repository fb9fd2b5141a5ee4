package dev.firn.bench.upsert;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.StreamWriter;
import dev.firn.TableWriter;
import dev.firn.bench.measure.BatchDigester;
import dev.firn.bench.measure.Digest;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;

/** A table of ours, a stream that upserts into it, and what it has to hold by then. */
final class KeyedTable implements AutoCloseable {
  private final Lakehouse lake;
  private final LakeTable table;
  private final long initial;
  private final StreamWriter stream;
  private final Map<Long, Long> changed = new HashMap<>();
  private int batches;

  private KeyedTable(Lakehouse lake, LakeTable table, long initial) {
    this.lake = lake;
    this.table = table;
    this.initial = initial;
    this.stream = table.stream("bench");
  }

  static KeyedTable create(Lakehouse lake, String name, long rows) {
    LakeTable table = lake.createTable(name, KeyedRows.SCHEMA, t -> t.key("id").formatVersion(3));
    fill(lake, table, rows);
    return new KeyedTable(lake, table, rows);
  }

  /** Adds the initial rows. */
  static void fill(Lakehouse lake, LakeTable table, long rows) {
    try (TableWriter writer = table.append()) {
      KeyedRows.initial(rows, lake.allocator(), writer::write);
      writer.commit();
    }
  }

  KeyedRows.Changes changes(int rows, SplittableRandom random) {
    return new KeyedRows.Changes(initial, rows, random);
  }

  void upsert(VectorSchemaRoot batch) {
    stream.upsert(batch);
    stream.commit(Integer.toString(++batches));
  }

  /** Tells what the table has to hold. */
  void expect(KeyedRows.Changes changes) {
    for (int i = 0; i < changes.ids.length; i++) {
      changed.put(changes.ids[i], changes.values[i]);
    }
  }

  /** Whether it holds each key once, with its last value. */
  boolean isRight() throws IOException {
    long rows = 0;
    boolean right = true;
    try (ArrowReader reader = table.scan().openArrow(lake.allocator())) {
      while (reader.loadNextBatch()) {
        VectorSchemaRoot batch = reader.getVectorSchemaRoot();
        BigIntVector ids = (BigIntVector) batch.getVector(0);
        BigIntVector values = (BigIntVector) batch.getVector(1);
        for (int i = 0; i < batch.getRowCount(); i++) {
          long id = ids.get(i);
          Long expected = changed.get(id);
          right &= values.get(i) == (expected == null ? id / 2 : expected);
        }
        rows += batch.getRowCount();
      }
    }
    return right && rows == initial + changed.keySet().stream().filter(id -> id % 2 == 1).count();
  }

  /** Reads all rows as batches. */
  static Digest digest(Lakehouse lake, LakeTable table) throws IOException {
    BatchDigester digester = new BatchDigester();
    try (ArrowReader reader = table.scan().openArrow(lake.allocator())) {
      while (reader.loadNextBatch()) {
        digester.add(reader.getVectorSchemaRoot());
      }
    }
    return digester.digest();
  }

  @Override
  public void close() {
    stream.close();
  }
}
