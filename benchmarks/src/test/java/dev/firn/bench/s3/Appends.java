package dev.firn.bench.s3;

import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import dev.firn.bench.measure.Digest;
import dev.firn.bench.measure.Run;
import dev.firn.bench.measure.Side;
import dev.firn.bench.measure.Stopwatch;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;

/**
 * How long does it take to write a small file and to commit it, each side through a catalog that
 * has been open for a while?
 */
final class Appends {
  private static final String ID = "s3.append.vs-iceberg";
  private static final TableIdentifier ORDERS = TableIdentifier.parse(RemoteTable.NAME);
  private static final int ROWS = 1_000;

  private final Run run;
  private final RemoteServer server;
  private final String catalogs;

  /** Catalogs are made below the directory. */
  Appends(Run run, RemoteServer server, String catalogs) {
    this.run = run;
    this.server = server;
    this.catalogs = catalogs;
  }

  void run() throws Exception {
    if (!run.wants(ID)) {
      return;
    }
    String bucket = server.newBucket();
    String peerBucket = server.newBucket();
    Map<String, String> settings =
        RemoteTable.settings(server, bucket, "jdbc:sqlite:" + catalogs + "/appends.db");
    try (Lakehouse lake = Lakehouse.open(settings);
        JdbcCatalog peer = peer(peerBucket)) {
      lake.createTable(RemoteTable.NAME, Rows.SCHEMA);
      peer.createNamespace(Namespace.of("bench"));
      Table table = peer.createTable(ORDERS, Rows.SCHEMA);
      server.latency(bucket, RemoteServer.LATENCY_MILLIS);
      server.latency(peerBucket, RemoteServer.LATENCY_MILLIS);
      Side ours = Side.timed(() -> append(lake));
      Side theirs =
          Side.timed(
              () ->
                  RemoteTable.append(
                      table, List.of(RemoteTable.write(table, 1, Rows.of(1, ROWS)))));
      ours.run(new Stopwatch());
      theirs.run(new Stopwatch());
      Map<String, Double> more =
          Map.of(
              "oursRequests", requests(bucket, ours), "peerRequests", requests(peerBucket, theirs));
      run.faster(ID, ours, theirs, equal(settings, bucket, lake, table), more);
    }
  }

  private JdbcCatalog peer(String bucket) {
    Map<String, String> properties = new HashMap<>(server.properties());
    properties.put(CatalogProperties.URI, "jdbc:sqlite:" + catalogs + "/peer.db");
    properties.put(CatalogProperties.WAREHOUSE_LOCATION, bucket + "/peer");
    properties.put(CatalogProperties.FILE_IO_IMPL, S3FileIO.class.getName());
    properties.put("jdbc.schema-version", "V1");
    properties.put("jdbc.journal_mode", "WAL");
    properties.put("jdbc.synchronous", "FULL");
    JdbcCatalog catalog = new JdbcCatalog();
    catalog.initialize("peer", properties);
    return catalog;
  }

  private static void append(Lakehouse lake) {
    try (TableWriter writer = lake.table(RemoteTable.NAME).append()) {
      Rows.of(1, ROWS).forEach(writer::write);
      writer.commit();
    }
  }

  private double requests(String bucket, Side side) throws Exception {
    server.requests(bucket);
    side.run(new Stopwatch());
    return server.requests(bucket);
  }

  /** Whether both tables, each appended to as often as the other, have the same rows. */
  private boolean equal(Map<String, String> settings, String bucket, Lakehouse lake, Table peer)
      throws IOException {
    List<String> all = GenericReader.names(Rows.SCHEMA);
    Reader reader = new GenericReader(() -> Stores.iceberg(server.properties()));
    try {
      Digest our =
          reader.digest(
              new RemoteTable(settings, bucket, location(lake.table(RemoteTable.NAME).iceberg())),
              all);
      peer.refresh();
      Digest theirs = reader.digest(new RemoteTable(settings, bucket, location(peer)), all);
      return our.rows() > 0 && our.equals(theirs);
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static String location(Table table) {
    return ((HasTableOperations) table).operations().current().metadataFileLocation();
  }
}
