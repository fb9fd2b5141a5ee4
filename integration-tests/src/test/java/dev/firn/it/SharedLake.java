package dev.firn.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.ScanCursor;
import dev.firn.testing.SparkProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;

/** A lakehouse and Spark on one catalog database and one local warehouse. Owns the lakehouse. */
final class SharedLake implements AutoCloseable {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Lakehouse lake;
  private final SparkProcess spark;
  private final String catalog;

  private SharedLake(Lakehouse lake, SparkProcess spark, String catalog) {
    this.lake = lake;
    this.spark = spark;
    this.catalog = catalog;
  }

  static SharedLake onSqlite(SparkProcess spark, Path directory) {
    return open(spark, directory, "jdbc:sqlite:" + directory.resolve("catalog.db"));
  }

  static SharedLake open(SparkProcess spark, Path directory, String uri) {
    String catalog = "lake" + COUNT.incrementAndGet();
    Path warehouse = directory.resolve("warehouse");
    Lakehouse lake =
        Lakehouse.open(
            Map.of("warehouse", warehouse.toString(), "catalog", uri, "catalog.name", catalog));
    spark.attach(catalog, uri, warehouse);
    return new SharedLake(lake, spark, catalog);
  }

  Lakehouse lake() {
    return lake;
  }

  /** Runs a statement in Spark, {@code %s} in it standing for the catalog's name. */
  List<String> spark(String statement) {
    return spark.sql(statement.replace("%s", catalog));
  }

  /** Asserts that Firn, plain Iceberg and Spark read the same rows, and returns them sorted. */
  List<String> agreed(LakeTable table) throws IOException {
    List<String> firn = firn(table);
    assertThat(generic(table)).as("Iceberg's rows of " + table.name()).isEqualTo(firn);
    List<String> judged = spark("select * from %s." + table.name());
    assertThat(judged.stream().sorted()).as("Spark's rows of " + table.name()).isEqualTo(firn);
    return firn;
  }

  private static List<String> firn(LakeTable table) {
    List<String> rows = new ArrayList<>();
    try (ScanCursor cursor = table.scan().open()) {
      Schema schema = cursor.schema();
      for (Record row : cursor) {
        rows.add(RowText.of(row, schema));
      }
    }
    return rows.stream().sorted().toList();
  }

  private static List<String> generic(LakeTable table) throws IOException {
    List<String> rows = new ArrayList<>();
    try (CloseableIterable<Record> records = IcebergGenerics.read(table.iceberg()).build()) {
      records.forEach(row -> rows.add(RowText.of(row, table.schema())));
    }
    return rows.stream().sorted().toList();
  }

  @Override
  public void close() {
    lake.close();
  }
}
