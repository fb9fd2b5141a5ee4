package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.Lakehouse;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that keep deletes and manifests lean, after what other engines did. */
class MaintenanceCommandsTest {
  @TempDir Path directory;
  private Console firn;

  @BeforeEach
  void table() throws IOException {
    firn = new Console(directory);
    firn.ok("init");
    firn.ok("create shop.orders", "id bigint not null, status string");
    Files.writeString(directory.resolve("orders.csv"), "id,status\n1,new\n2,new\n3,old\n");
    firn.ok("load shop.orders orders.csv");
  }

  /** As another engine, by Iceberg's own API. */
  private void elsewhere(Consumer<Table> work) {
    elsewhere("shop.orders", work);
  }

  private void elsewhere(String table, Consumer<Table> work) {
    try (Lakehouse lake = Lakehouse.open(directory.resolve("warehouse"))) {
      work.accept(lake.table(table).iceberg());
    }
  }

  private static DataFile onlyFile(Table table) {
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      return tasks.iterator().next().file();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void deleteById(Table table, long id) {
    Schema key = table.schema().select("id");
    TableFixture.deleteEqual(table, key, null, TableFixture.row(key, id));
  }

  @Test
  void convertsDeletesOfTheKindsAskedFor() {
    elsewhere(table -> deleteById(table, 2));
    firn.ok("convert-deletes shop.orders --kind position");
    assertThat(firn.err).contains("Nothing to do in shop.orders");
    firn.ok("convert-deletes shop.orders --kind all --dry-run -o json");
    assertThat(firn.out)
        .contains("\"equality_delete_files\":1,\"position_delete_files\":0")
        .contains("\"snapshot_id\":null")
        .contains("\"rows\":1");
    firn.ok("convert-deletes shop.orders");
    assertThat(firn.err).contains("Converted 1 equality and 0 position delete files");
    assertThat(firn.ok("scan shop.orders -o csv")).hasLineCount(3);
    assertThat(firn.run("convert-deletes shop.orders --kind some")).isEqualTo(2);
    assertThat(firn.err).contains("--kind");
  }

  @Test
  void removesDanglingDeletes() {
    elsewhere(
        table -> {
          deleteById(table, 2);
          // What is left is newer than the delete.
          DataFile old = onlyFile(table);
          DataFile young =
              TableFixture.write(
                      table,
                      org.apache.iceberg.FileFormat.PARQUET,
                      java.util.List.of(TableFixture.row(table.schema(), 7L, "new")))
                  .get(0);
          table.newFastAppend().appendFile(young).commit();
          table.newDelete().deleteFile(old).commit();
          deleteById(table, 8);
          table.newAppend().appendFile(old).commit();
        });
    firn.ok("remove-dangling-deletes shop.orders --dry-run -o json");
    assertThat(firn.out).contains("\"dry_run\":true").contains("\"snapshot_id\":null");
    firn.ok("remove-dangling-deletes shop.orders -o json");
    assertThat(firn.out).contains("\"deletion_vectors\":0");
    firn.ok("remove-dangling-deletes shop.orders");
    assertThat(firn.err).contains("Nothing to do in shop.orders");
  }

  @Test
  void clustersManifestsByPartition() throws IOException {
    firn.ok("create shop.days", "id bigint, day date", "--partition", "day");
    for (int i = 0; i < 3; i++) {
      Files.writeString(
          directory.resolve("d.csv"),
          "id,day\n1,2026-01-0%d\n2,2026-02-0%d\n".formatted(1 + i, 3 - i));
      firn.ok("append shop.days d.csv");
    }
    firn.ok("rewrite-manifests shop.days --cluster --dry-run -o json");
    assertThat(firn.out)
        .contains("\"manifests_before\":3,\"manifests_after\":1")
        .contains("\"manifests_per_partition_after\":1.0");
    firn.ok("rewrite-manifests shop.days --cluster");
    assertThat(firn.err)
        .contains("planning for one partition read 2.0 of them, and reads 1.0 then");
    firn.ok("rewrite-manifests shop.days --cluster -o json");
    assertThat(firn.out).contains("\"manifests_per_partition_before\":null");
  }

  @Test
  void retainDropsOldRowsByPropertiesOrOptions() throws IOException {
    firn.ok("create shop.days", "id bigint, at timestamptz", "--partition", "day(at)");
    Files.writeString(
        directory.resolve("d.csv"),
        "id,at\n1,2026-01-01T10:00:00Z\n2,2026-01-02T10:00:00Z\n3,2026-01-02T12:00:00Z\n4,\n");
    firn.ok("append shop.days d.csv");
    assertThat(firn.run("retain shop.days --yes")).isEqualTo(2);
    assertThat(firn.err).contains("firn.retention.column").contains("--older-than");

    String[] old = {"--column", "at", "--older-than", "2026-01-02T11:00:00Z"};
    firn.ok("retain shop.days --dry-run -o json", old);
    assertThat(firn.out).contains("\"deleted\":2,\"files_removed\":1,\"files_marked\":1");
    assertThat(firn.run("retain shop.days", old)).isEqualTo(2);
    assertThat(firn.err).contains("--yes");
    firn.ok("retain shop.days --yes", old);
    assertThat(firn.ok("scan shop.days -o csv")).hasLineCount(3);

    elsewhere(
        "shop.days",
        table ->
            table
                .updateProperties()
                .set("firn.retention.column", "at")
                .set("firn.retention.age", "1h")
                .commit());
    firn.ok("retain shop.days --yes");
    assertThat(firn.ok("scan shop.days -o csv")).contains("4,").hasLineCount(2);
    assertThat(firn.run("retain shop.days --yes --column id")).isEqualTo(2);
    assertThat(firn.err)
        .contains("Cannot drop rows of shop.days by age: column 'id'")
        .contains("expected a date or timestamp, got long");
  }

  @Test
  void propertiesAreSetAndDroppedWhereMaintenanceCanReadThem() {
    firn.ok("evolve properties shop.orders --dry-run --set firn.maintenance.share=0.2");
    assertThat(firn.ok("describe shop.orders")).doesNotContain("firn.maintenance.share");
    firn.ok("evolve properties shop.orders --set firn.maintenance.share=0.2 --set owner=me");
    assertThat(firn.err).contains("Changed shop.orders: firn.maintenance.share = 0.2, owner = me");
    firn.ok("evolve properties shop.orders --drop owner -o json");
    assertThat(firn.out).contains("\"firn.maintenance.share\":\"0.2\"").doesNotContain("owner");

    assertThat(firn.run("evolve properties shop.orders --set firn.maintenance.shore=1"))
        .isEqualTo(2);
    assertThat(firn.err).contains("it is unknown; did you mean firn.maintenance.share");
    assertThat(firn.run("evolve properties shop.orders --set firn.compaction.min-input-files=x"))
        .isEqualTo(2);
    assertThat(firn.run("evolve properties shop.orders --set firn.retention.age=30d")).isEqualTo(2);
    assertThat(firn.err)
        .contains("firn.retention.age of shop.orders: it goes with firn.retention.column");
    assertThat(firn.run("evolve properties shop.orders --drop owner")).isEqualTo(2);
    assertThat(firn.err).contains("it has no 'owner'");
    assertThat(firn.run("evolve properties shop.orders")).isEqualTo(2);
    assertThat(
            firn.run(
                "create shop.bad --table-property firn.maintenance.enabled=maybe",
                "id bigint not null"))
        .isEqualTo(2);
    assertThat(firn.err).contains("expected true or false, got 'maybe'");
  }

  @Test
  void propertiesAreSetAndDroppedInOneCommit() {
    firn.ok("evolve properties shop.orders --set owner=me --set team=red");
    int before = metadataFiles();
    firn.ok("evolve properties shop.orders --set team=blue --drop owner --drop team -o json");
    assertThat(firn.out).contains("\"team\":\"blue\"").doesNotContain("owner");
    assertThat(metadataFiles()).isEqualTo(before + 1);
    assertThat(firn.ok("describe shop.orders -o json"))
        .contains("\"team\":\"blue\"")
        .doesNotContain("owner");
  }

  private int metadataFiles() {
    return (int) firn.ok("scan shop.orders.metadata_log_entries -o csv").lines().count();
  }

  @Test
  void compactRefusesWhatItCannotDoAndNamesTheTableAsItWasTyped() {
    assertThat(firn.run("compact shop.orders --sort", "status, nope")).isEqualTo(2);
    assertThat(firn.err).contains("Cannot sort by 'nope'");
    assertThat(firn.run("compact shop.orders --target-file-size 256")).isEqualTo(2);
    assertThat(firn.err).contains("expected 1MB or more, got 256");
    assertThat(firn.run("compact shop.orders --zorder id")).isEqualTo(2);
    assertThat(firn.err).contains("Cannot compact shop.orders: ");
    assertThat(firn.run("compact shop.orders --sort --zorder id,status")).isEqualTo(2);
    assertThat(firn.err).contains("'firn compact': --sort").contains("mutually exclusive");
  }
}
