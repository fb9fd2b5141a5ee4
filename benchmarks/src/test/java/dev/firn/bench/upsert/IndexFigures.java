package dev.firn.bench.upsert;

import dev.firn.bench.data.BenchTables;
import dev.firn.bench.measure.Result;
import dev.firn.bench.measure.Run;
import dev.firn.format.arrow.ArrowSchemas;
import dev.firn.format.write.DataWriter;
import dev.firn.keyindex.KeyIndex;
import dev.firn.keyindex.KeyIndexOptions;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;

/**
 * What memory does the key index take for each key, and how fast is it built, in one thread, from
 * the files of a table? Keys are longs in random order, 10 million in ten files; all are in memory.
 * Ten thousand keys, half of them not there, are looked up and checked.
 */
final class IndexFigures {
  private static final String BYTES = "upsert.index.bytes-per-key";
  private static final String SPEED = "upsert.index.rebuild-keys-per-second-core";
  private static final Schema SCHEMA =
      new Schema(
          List.of(
              Types.NestedField.required(1, "id", Types.LongType.get()),
              Types.NestedField.required(2, "value", Types.LongType.get())),
          Set.of(1));
  private static final int FILES = 10;
  private static final int BATCH = 10_000;

  /** Spreads keys: a bijection. */
  private static final long FACTOR = 0x9E37_79B9_7F4A_7C15L;

  private record Round(double seconds, double cpuSeconds) {}

  private final Run run;
  private final int keys;
  private final List<Round> rounds = new ArrayList<>();
  private double bytesPerKey;
  private double lookUpMillis;
  private boolean correct = true;

  IndexFigures(Run run) {
    this.run = run;
    this.keys = run.quick() ? 10 * BATCH : 10_000_000;
  }

  void run() throws Exception {
    if (!run.wants(BYTES) && !run.wants(SPEED)) {
      return;
    }
    try (BenchTables tables = BenchTables.open(run);
        BufferAllocator allocator = new RootAllocator()) {
      Table table = tables.scratch("keys", SCHEMA, PartitionSpec.unpartitioned());
      run.progress().println("generating " + keys + " keys");
      for (int file = 0; file < FILES; file++) {
        write(table, allocator, (long) file * (keys / FILES));
      }
      for (int round = run.quick() ? 2 : 0; round < 5; round++) {
        build(table, allocator, round > 1);
      }
    }
    report();
  }

  private void write(Table table, BufferAllocator allocator, long from) throws Exception {
    AppendFiles append = table.newAppend();
    try (DataWriter writer = DataWriter.open(table);
        VectorSchemaRoot batch = VectorSchemaRoot.create(ArrowSchemas.toArrow(SCHEMA), allocator)) {
      for (int written = 0; written < keys / FILES; written += BATCH) {
        for (int i = 0; i < BATCH; i++) {
          long number = from + written + i;
          ((BigIntVector) batch.getVector(0)).setSafe(i, number * FACTOR);
          ((BigIntVector) batch.getVector(1)).setSafe(i, number);
        }
        batch.setRowCount(BATCH);
        writer.write(batch);
      }
      writer.complete().forEach(append::appendFile);
    }
    append.commit();
  }

  private void build(Table table, BufferAllocator allocator, boolean counts) {
    System.gc();
    KeyIndexOptions options = KeyIndexOptions.defaults();
    try (KeyIndex index = KeyIndex.open(table, allocator, options)) {
      long start = System.nanoTime();
      long cpu = cpuNanos();
      index.syncTo(table.currentSnapshot());
      Round round = new Round((System.nanoTime() - start) / 1e9, (cpuNanos() - cpu) / 1e9);
      if (counts) {
        rounds.add(round);
      }
      bytesPerKey = index.memoryBytes() / (double) keys;
      correct &= index.entries() == keys && index.bytes() == index.memoryBytes();
      lookUp(index, allocator);
    }
  }

  private void lookUp(KeyIndex index, BufferAllocator allocator) {
    SplittableRandom random = new SplittableRandom(1);
    try (VectorSchemaRoot batch =
        VectorSchemaRoot.create(ArrowSchemas.toArrow(index.key()), allocator)) {
      BigIntVector ids = (BigIntVector) batch.getVector(0);
      int[] hits = new int[BATCH];
      long[] numbers = new long[BATCH];
      for (int i = 0; i < BATCH; i++) {
        numbers[i] = random.nextLong(keys) + (i % 2 == 0 ? 0 : keys);
        ids.setSafe(i, numbers[i] * FACTOR);
      }
      batch.setRowCount(BATCH);
      long start = System.nanoTime();
      index.find(
          batch,
          (key, task, position) -> {
            hits[key]++;
            correct &= position == numbers[key] % (keys / FILES);
          });
      lookUpMillis = (System.nanoTime() - start) / 1e6;
      for (int i = 0; i < BATCH; i++) {
        correct &= hits[i] == (i % 2 == 0 ? 1 : 0);
      }
    }
  }

  /** Of this thread, which does all the work. */
  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private void report() {
    double seconds =
        rounds.stream().mapToDouble(Round::seconds).sorted().toArray()[rounds.size() / 2];
    double cpu =
        rounds.stream().mapToDouble(Round::cpuSeconds).sorted().toArray()[rounds.size() / 2];
    double count = keys;
    run.add(new Result(BYTES, bytesPerKey, null, "B", bytesPerKey, correct, Map.of("keys", count)));
    run.add(
        new Result(
            SPEED,
            keys / seconds,
            null,
            "/s",
            keys / seconds,
            correct,
            Map.of("keys", count, "perCpuSecond", keys / cpu, "lookUp10kMillis", lookUpMillis)));
  }
}
