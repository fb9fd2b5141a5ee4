package dev.firn.bench.s3;

import dev.firn.bench.data.Dataset;
import dev.firn.bench.data.Lineitem;
import dev.firn.bench.measure.Digest;
import dev.firn.bench.measure.Result;
import dev.firn.bench.measure.Run;
import dev.firn.bench.measure.Side;
import dev.firn.bench.measure.Stopwatch;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;

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
      Dataset lineitem = Lineitem.dataset(run.quick());
      threeOfSixteen(table("large", lineitem.schema(), large(lineitem)), lineitem.threeColumns());
    }
    if (run.wants(SMALL)) {
      int files = run.quick() ? 10 : 100;
      small(
          table(
              "small",
              Rows.SCHEMA,
              IntStream.range(0, files).mapToObj(file -> Rows.of(file, 100)).toList()));
    }
  }

  /** Eight files of 64 MB, as Iceberg's generic writer compresses them. */
  private List<Stream<Record>> large(Dataset lineitem) {
    Iterable<Record> rows = lineitem.rows().get();
    long each = run.quick() ? 1_000 : 2_600_000;
    // The rows of scale 1 do for two files and a bit, so they come again, from elsewhere.
    return IntStream.range(0, 8)
        .mapToObj(
            file -> Stream.concat(stream(rows).skip(file * each / 3), stream(rows)).limit(each))
        .toList();
  }

  private static Stream<Record> stream(Iterable<Record> rows) {
    return StreamSupport.stream(rows.spliterator(), false);
  }

  private RemoteTable table(String name, Schema schema, List<Stream<Record>> files) {
    run.progress().println("writing " + files.size() + " files");
    String bucket = server.newBucket();
    String catalog = "jdbc:sqlite:" + catalogs + "/" + name + ".db";
    RemoteTable table =
        RemoteTable.create(RemoteTable.settings(server, bucket, catalog), bucket, schema, files);
    server.latency(bucket, RemoteServer.LATENCY_MILLIS);
    return table;
  }

  private void threeOfSixteen(RemoteTable table, List<String> columns) throws Exception {
    Digest our = ours.digest(table, columns);
    boolean equal = our.rows() > 0 && our.equals(iceberg.digest(table, columns));
    Side side = ours.scan(table, columns);
    Side peer = iceberg.scan(table, columns);
    if (run.wants(THREE + "vs-iceberg")) {
      run.faster(THREE + "vs-iceberg", side, peer, equal, Map.of());
    }
    if (run.wants(THREE + "vs-s3a")) {
      boolean equalToo = our.equals(s3a.digest(table, columns));
      Side hadoop = s3a.scan(table, columns);
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
