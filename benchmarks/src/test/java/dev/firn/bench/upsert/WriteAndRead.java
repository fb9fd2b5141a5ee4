package dev.firn.bench.upsert;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.StreamWriter;
import dev.firn.bench.measure.Digest;
import dev.firn.bench.measure.Result;
import dev.firn.bench.measure.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Table;

/**
 * How many upserts a second, each second one of a key that is there, from the first batch until all
 * rows have been scanned once? Against Iceberg's equality deletes, which cost little to write.
 *
 * <p>Both sides commit through one catalog, batch by batch, into tables with the same rows; ours of
 * format version 3, with deletion vectors, the peer's of version 2, as its writer demands. The
 * batches are in memory, as Arrow for ours, as arrays that records are made from for the peer.
 */
final class WriteAndRead {
  private static final String ID = "upsert.write-and-read.vs-equality-deletes";

  private final Run run;
  private final Path directory;
  private final long initial;
  private final int batches;
  private final int rows;

  WriteAndRead(Run run, Path directory) {
    this.run = run;
    this.directory = directory;
    this.initial = run.quick() ? 10_000 : 1_000_000;
    this.batches = run.quick() ? 5 : 50;
    this.rows = run.quick() ? 1_000 : 10_000;
  }

  /** What one side took, and what its table holds. */
  private record Outcome(double writeSeconds, double readSeconds, Digest rows) {
    double seconds() {
      return writeSeconds + readSeconds;
    }
  }

  void run() throws Exception {
    if (!run.wants(ID)) {
      return;
    }
    try (Lakehouse lake = Lakehouse.open(directory.resolve("deletes"))) {
      SplittableRandom random = new SplittableRandom(2);
      List<KeyedRows.Changes> changes =
          IntStream.range(0, batches)
              .mapToObj(i -> new KeyedRows.Changes(initial, rows, random))
              .toList();
      if (!run.quick()) {
        ours(lake, "bench.warm", changes.subList(0, 10));
        peer(lake, "bench.warm_peer", changes.subList(0, 10));
      }
      report(ours(lake, "bench.ours", changes), peer(lake, "bench.peer", changes));
    }
  }

  private void report(Outcome ours, Outcome peer) {
    double upserts = (double) batches * rows;
    run.add(
        new Result(
            ID,
            upserts / ours.seconds(),
            upserts / peer.seconds(),
            "/s",
            peer.seconds() / ours.seconds(),
            ours.rows().equals(peer.rows()),
            Map.of(
                "oursWriteSeconds", ours.writeSeconds(),
                "peerWriteSeconds", peer.writeSeconds(),
                "oursReadSeconds", ours.readSeconds(),
                "peerReadSeconds", peer.readSeconds())));
  }

  private Outcome ours(Lakehouse lake, String name, List<KeyedRows.Changes> changes)
      throws IOException {
    LakeTable table = create(lake, name, 3);
    List<VectorSchemaRoot> ready = new ArrayList<>();
    try {
      changes.forEach(each -> ready.add(each.batch(lake.allocator())));
      System.gc();
      long start = System.nanoTime();
      try (StreamWriter stream = table.stream("bench")) {
        for (int i = 0; i < ready.size(); i++) {
          stream.upsert(ready.get(i));
          stream.commit(Integer.toString(i));
        }
      }
      long written = System.nanoTime();
      Digest digest = KeyedTable.digest(lake, table);
      return outcome(start, written, digest);
    } finally {
      ready.forEach(VectorSchemaRoot::close);
    }
  }

  private Outcome peer(Lakehouse lake, String name, List<KeyedRows.Changes> changes)
      throws IOException {
    Table table = create(lake, name, 2).iceberg();
    System.gc();
    long start = System.nanoTime();
    for (int i = 0; i < changes.size(); i++) {
      EqualityDeltas.upsert(table, changes.get(i), i);
    }
    long written = System.nanoTime();
    Digest digest = EqualityDeltas.digest(table);
    return outcome(start, written, digest);
  }

  private LakeTable create(Lakehouse lake, String name, int version) {
    LakeTable table =
        lake.createTable(name, KeyedRows.SCHEMA, t -> t.key("id").formatVersion(version));
    KeyedTable.fill(lake, table, initial);
    return table;
  }

  private static Outcome outcome(long start, long written, Digest digest) {
    return new Outcome((written - start) / 1e9, (System.nanoTime() - written) / 1e9, digest);
  }
}
