package dev.firn.bench.scan;

import dev.firn.bench.data.BenchTables;
import dev.firn.bench.data.Dataset;
import dev.firn.bench.measure.Digest;
import dev.firn.bench.measure.Run;
import dev.firn.bench.measure.Side;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The comparisons over one data set in one codec. */
final class Scans {
  private final Run run;
  private final String prefix;
  private final BenchTables tables;
  private final Dataset dataset;
  private final String codec;
  private Query full;

  Scans(Run run, String prefix, BenchTables tables, Dataset dataset, String codec) {
    this.run = run;
    this.prefix = prefix;
    this.tables = tables;
    this.dataset = dataset;
    this.codec = codec;
  }

  void run() throws Exception {
    oneThread();
    twoThreads();
  }

  private void oneThread() throws Exception {
    try (TableReader ours = new OurReader(1);
        TableReader duckDb = new DuckReader(1);
        TableReader vectorised = new IcebergArrowReader(1);
        TableReader generic = new GenericReader()) {
      Map<String, TableReader> peers =
          Map.of("duckdb", duckDb, "iceberg-arrow", vectorised, "iceberg-generic", generic);
      List<String> everyone = List.of("duckdb", "iceberg-arrow", "iceberg-generic");
      List<String> exact = List.of("duckdb", "iceberg-generic");
      compare("full.t1", all -> all, ours, peers, everyone);
      floor(ours, generic);
      compare("3col.t1", Query::threeColumns, ours, peers, everyone);
      compare("filter1pct.t1", Query::onePercent, ours, peers, exact);
      deletes(ours, generic);
    }
  }

  private void twoThreads() throws Exception {
    try (TableReader ours = new OurReader(2);
        TableReader duckDb = new DuckReader(2);
        TableReader vectorised = new IcebergArrowReader(2)) {
      Map<String, TableReader> peers = Map.of("duckdb", duckDb, "iceberg-arrow", vectorised);
      compare("full.t2", all -> all, ours, peers, List.of("duckdb", "iceberg-arrow"));
      compare("3col.t2", Query::threeColumns, ours, peers, List.of("duckdb"));
      compare("filter1pct.t2", Query::onePercent, ours, peers, List.of("duckdb"));
    }
  }

  private void compare(
      String what,
      UnaryOperator<Query> shape,
      TableReader ours,
      Map<String, TableReader> peers,
      List<String> names)
      throws Exception {
    for (String name : names) {
      String id = prefix + what + ".vs-" + name;
      if (run.wants(id)) {
        Query query = shape.apply(full());
        TableReader peer = peers.get(name);
        boolean equal = equal(query, ours, peer);
        run.faster(id, ours.side(query), peer.side(query), equal, Map.of());
      }
    }
  }

  private void floor(TableReader ours, TableReader generic) throws Exception {
    String id = prefix + "full.t1.vs-floor";
    if (!run.wants(id)) {
      return;
    }
    try (Floor floor = Floor.open(full().files())) {
      boolean equal = floor.run() && equal(full(), ours, generic);
      run.timesIts(id, ours.side(full()), Side.timed(floor::run), equal);
    }
  }

  private void deletes(TableReader ours, TableReader generic) throws Exception {
    String id = prefix + "deletes10.vs-clean";
    if (run.wants(id)) {
      Query deleted = Query.full(dataset, tables.withDeletes(dataset, codec));
      boolean equal = equal(deleted, ours, generic);
      run.timesIts(id, ours.side(deleted), ours.side(full()), equal);
    }
  }

  /** The table is not generated before something of it is measured. */
  private Query full() {
    Query known = full;
    if (known == null) {
      known = Query.full(dataset, tables.table(dataset, codec));
      full = known;
    }
    return known;
  }

  private static boolean equal(Query query, TableReader ours, TableReader peer) throws Exception {
    Digest our = ours.digest(query);
    return our.rows() > 0 && our.equals(peer.digest(query));
  }
}
