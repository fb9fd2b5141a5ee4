package dev.firn.it.cost;

import static org.apache.iceberg.expressions.Expressions.lessThan;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import dev.firn.testing.S3Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The exact requests that an S3 server sees for each operation, compared with {@code
 * src/test/resources/costs.txt}. {@code -Dfirn.costs.write=true} writes that file anew.
 *
 * <p>Every operation is measured in a lakehouse that is closed before the requests are counted, so
 * that what follows a commit in the background is counted with it. Upkeep is off.
 */
class CostsIT {
  private static final String NAME = "shop.orders";
  private static final int PARTS = 10;
  private static final Schema SCHEMA =
      new Schema(
          NestedField.required(1, "id", Types.LongType.get()),
          NestedField.optional(2, "part", Types.IntegerType.get()),
          NestedField.optional(3, "name", Types.StringType.get()));

  private static S3Server server;
  private static CostLedger ledger;

  @TempDir private Path directory;
  private String bucket;
  private Map<String, String> settings;

  @BeforeAll
  static void start() throws IOException {
    server = S3Server.start();
    ledger = CostLedger.open(server);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void newWarehouse() {
    bucket = server.newBucket();
    settings = new HashMap<>(server.properties());
    settings.put("warehouse", bucket + "/lake");
    settings.put("catalog", "jdbc:sqlite:" + directory.resolve("catalog.db"));
    settings.put("firn.upkeep", "off");
    // Parts of a file that are read side by side are asked for apart: as many as there are threads.
    settings.put("firn.scan.threads", "1");
  }

  @Test
  void creatingAndLoading() throws IOException {
    cost("create table", lake -> {}, lake -> lake.createTable(NAME, SCHEMA));
    cost("load table", lake -> {}, lake -> lake.table(NAME));
    cost("load table again", lake -> lake.table(NAME), lake -> lake.table(NAME));
    cost("drop table and its files", lake -> append(lake, 0), lake -> lake.purgeTable(NAME));
  }

  @Test
  void appending() throws IOException {
    cost("first append", lake -> lake.createTable(NAME, SCHEMA), lake -> append(lake, 0));
    cost("later append, same process", lake -> append(lake, 1), lake -> append(lake, 2));
    cost("later append, new process", lake -> {}, lake -> append(lake, 3));
    try (Lakehouse lake = Lakehouse.open(settings)) {
      lake.table(NAME).setProperties(Map.of(TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "1"));
    }
    cost(
        "later append, new process, outdates a metadata file", lake -> {}, lake -> append(lake, 4));
    cost(
        "create table with its first rows",
        lake -> {},
        lake -> {
          try (TableWriter writer = lake.newTable("shop.filled", SCHEMA, t -> {}).append()) {
            writer.write(row(writer, 0, 0));
            writer.commit();
          }
        });
  }

  @Test
  void planning() throws IOException {
    planning("10 files", 1, 10);
    planning("10,000 files", 5, 2_000);
  }

  private void planning(String what, int commits, int filesEach) throws IOException {
    String name = "shop.of" + commits;
    try (Lakehouse lake = Lakehouse.open(settings)) {
      LakeTable table = lake.createTable(name, SCHEMA);
      IntStream.range(0, commits).forEach(i -> appendNames(table.iceberg(), i, filesEach));
    }
    int files = commits * filesEach;
    cost("plan of " + what + ", cold", lake -> {}, lake -> plan(lake, name, files));
    cost(
        "plan of " + what + ", warm",
        lake -> plan(lake, name, files),
        lake -> plan(lake, name, files));
  }

  @Test
  void scanningThreeOfSixteenColumns() throws IOException {
    cost(
        "append of one file of 128 MB",
        lake -> lake.createTable(NAME, Numbers.SCHEMA),
        lake -> Numbers.append(lake, NAME));
    cost(
        "scan of 3 of 16 columns of one 128 MB file, cold",
        lake -> {},
        lake -> Numbers.scan(lake, NAME));
    cost(
        "scan of 3 of 16 columns of one 128 MB file, warm",
        lake -> Numbers.scan(lake, NAME),
        lake -> Numbers.scan(lake, NAME));
  }

  @Test
  void deletingRows() throws IOException {
    try (Lakehouse lake = Lakehouse.open(settings)) {
      lake.createTable(NAME, SCHEMA);
      append(lake, 0);
    }
    cost(
        "delete of rows of one file",
        lake -> {},
        lake -> assertThat(lake.table(NAME).delete(lessThan("id", 3L)).rows()).isEqualTo(3));
    cost("scan of one small file with deletes, cold", lake -> {}, lake -> scan(lake, PARTS - 3));
  }

  @Test
  void compactingAndExpiring() throws IOException {
    try (Lakehouse lake = Lakehouse.open(settings)) {
      lake.createTable(NAME, SCHEMA, t -> t.partitionBy("part"));
      IntStream.range(0, 10).forEach(i -> append(lake, i));
    }
    cost("scan of 100 small files, cold", lake -> {}, lake -> scan(lake, 10 * PARTS));
    cost(
        "merge of 10 manifests",
        lake -> {},
        lake -> assertThat(lake.table(NAME).rewriteManifests().all().run().merged()).isEqualTo(10));
    cost(
        "compaction of 100 files",
        lake -> {},
        lake ->
            assertThat(lake.table(NAME).compact().everything().run().filesBefore())
                .isEqualTo(10 * PARTS));
    Instant inAMinute = Instant.now().plusSeconds(60);
    cost(
        "expiry of 11 snapshots",
        lake -> {},
        lake ->
            assertThat(lake.table(NAME).expireSnapshots().olderThan(inAMinute).run().snapshots())
                .hasSize(11));
  }

  private static void scan(Lakehouse lake, int rows) {
    assertThat(lake.table(NAME).scan().toList()).hasSize(rows);
  }

  /** Everything that the work asks for, and what it leaves to others until all is closed. */
  private void cost(String title, Consumer<Lakehouse> before, Consumer<Lakehouse> work)
      throws IOException {
    ledger.check(
        title,
        bucket,
        mark -> {
          try (Lakehouse lake = Lakehouse.open(settings)) {
            before.accept(lake);
            mark.run();
            work.accept(lake);
          }
        });
  }

  /** One row for each part. */
  private static void append(Lakehouse lake, int which) {
    try (TableWriter writer = lake.table(NAME).append()) {
      for (int part = 0; part < PARTS; part++) {
        writer.write(row(writer, which * PARTS + part, part));
      }
      writer.commit();
    }
  }

  private static Record row(TableWriter writer, long id, int part) {
    Record row = GenericRecord.create(writer.schema());
    row.setField("id", id);
    row.setField("part", part);
    row.setField("name", "n" + id);
    return row;
  }

  /** Files of which only the names are there. */
  private static void appendNames(Table table, int commit, int files) {
    AppendFiles append = table.newFastAppend();
    for (int i = 0; i < files; i++) {
      append.appendFile(
          DataFiles.builder(PartitionSpec.unpartitioned())
              .withPath("%s/data/%d-%d.parquet".formatted(table.location(), commit, i))
              .withFormat(FileFormat.PARQUET)
              .withFileSizeInBytes(1_000)
              .withRecordCount(10)
              .build());
    }
    append.commit();
  }

  private static void plan(Lakehouse lake, String name, int files) {
    try (CloseableIterable<FileScanTask> tasks = lake.table(name).scan().plan()) {
      assertThat(tasks).hasSize(files);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
