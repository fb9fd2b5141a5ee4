package dev.firn.bench.s3;

import dev.firn.bench.measure.Digest;
import dev.firn.bench.measure.Result;
import dev.firn.bench.measure.Run;
import dev.firn.bench.measure.Side;
import dev.firn.bench.measure.Stopwatch;
import java.util.List;
import java.util.Map;

/**
 * How fast are 3 of 16 columns of 8 files of 64 MB read, and at how many requests? And how fast is
 * a table of 100 small files, from opening the store on?
 */
final class Scans {
  private static final String THREE = "s3.scan.3of16.";
  private static final String SMALL = "s3.small100.vs-iceberg";

  private final Run run;
  private final RemoteServer server;
  private final String catalogs;
  private final Reader ours = new OurReader();
  private final Reader iceberg;
  private final Reader s3a;

  /** Catalogs are made below the directory. */
  Scans(Run run, RemoteServer server, String catalogs) {
    this.run = run;
    this.server = server;
    this.catalogs = catalogs;
    this.iceberg = new GenericReader(() -> Stores.iceberg(server.properties()));
    this.s3a = new GenericReader(() -> Stores.s3a(server.properties()));
  }

  void run() throws Exception {
    if (run.wants(THREE + "vs-iceberg")
        || run.wants(THREE + "vs-s3a")
        || run.wants(THREE + "requests")) {
      threeOfSixteen(table("large", 8, run.quick() ? 1_000 : 520_000));
    }
    if (run.wants(SMALL)) {
      small(table("small", run.quick() ? 10 : 100, 100));
    }
  }

  private RemoteTable table(String name, int files, int rows) {
    run.progress().println("writing " + files + " files of " + rows + " rows");
    String bucket = server.newBucket();
    String catalog = "jdbc:sqlite:" + catalogs + "/" + name + ".db";
    RemoteTable table =
        RemoteTable.create(RemoteTable.settings(server, bucket, catalog), bucket, files, rows);
    server.latency(bucket, RemoteServer.LATENCY_MILLIS);
    return table;
  }

  private void threeOfSixteen(RemoteTable table) throws Exception {
    Digest our = ours.digest(table, Rows.THREE);
    boolean equal = our.rows() > 0 && our.equals(iceberg.digest(table, Rows.THREE));
    Side side = ours.scan(table, Rows.THREE);
    Side peer = iceberg.scan(table, Rows.THREE);
    if (run.wants(THREE + "vs-iceberg")) {
      run.faster(THREE + "vs-iceberg", side, peer, equal, Map.of());
    }
    if (run.wants(THREE + "vs-s3a")) {
      boolean equalToo = our.equals(s3a.digest(table, Rows.THREE));
      Side hadoop = s3a.scan(table, Rows.THREE);
      Map<String, Double> more = Map.of("peerRequests", requests(table, hadoop));
      run.faster(THREE + "vs-s3a", side, hadoop, equalToo, more);
    }
    if (run.wants(THREE + "requests")) {
      double few = requests(table, side);
      double many = requests(table, peer);
      run.add(new Result(THREE + "requests", few, many, "n", few / many, equal, Map.of()));
    }
  }

  private void small(RemoteTable table) throws Exception {
    List<String> all = GenericReader.names(Rows.SCHEMA);
    Digest our = ours.digest(table, all);
    boolean equal = our.rows() > 0 && our.equals(iceberg.digest(table, all));
    Side side = ours.openAndScan(table);
    Side peer = iceberg.openAndScan(table);
    Map<String, Double> more =
        Map.of("oursRequests", requests(table, side), "peerRequests", requests(table, peer));
    run.faster(SMALL, side, peer, equal, more);
  }

  /** Returns what one reading costs, the table's metadata file included. */
  private double requests(RemoteTable table, Side side) throws Exception {
    server.requests(table.bucket());
    side.run(new Stopwatch());
    return server.requests(table.bucket());
  }
}
