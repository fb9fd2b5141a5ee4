package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.StreamWriter;
import dev.firn.TableWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.iceberg.data.GenericRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands from end to end, on a warehouse of their own. */
class CommandsTest {
  private static final String TABLE = "shop.orders";

  @TempDir Path directory;
  private Console firn;

  @BeforeEach
  void createTable() {
    firn = new Console(directory);
    firn.ok(
        "create " + TABLE,
        "id bigint not null, \"full name\" string, total decimal(10,2)",
        "--key",
        "id");
  }

  /** Adds rows in a snapshot of their own. */
  private long append(long firstId, int rows) {
    try (Lakehouse lake = Lakehouse.open(directory.resolve("warehouse"))) {
      LakeTable table = lake.table(TABLE);
      try (TableWriter writer = table.append()) {
        for (long id = firstId; id < firstId + rows; id++) {
          GenericRecord row = GenericRecord.create(writer.schema());
          row.setField("id", id);
          row.setField("full name", id % 2 == 0 ? null : "n" + id);
          row.setField("total", new java.math.BigDecimal(id + ".50"));
          writer.write(row);
        }
        return writer.commit().snapshotId();
      }
    }
  }

  @Test
  void initIsHarmlessWhereAWarehouseIs() {
    append(1, 2);

    firn.ok("init");

    assertThat(firn.err).contains("Ready").contains("1 tables");
    assertThat(firn.ok("scan " + TABLE + " -o csv")).hasLineCount(3);
  }

  @Test
  void describeListsTablesWithTheirSizes() {
    append(1, 3);

    assertThat(firn.ok("describe").lines().toList())
        .hasSize(3)
        .last()
        .asString()
        .startsWith("shop.orders     3           1             0");
    assertThat(firn.ok("describe --output json"))
        .contains("{\"table\":\"shop.orders\",\"rows\":3,\"data_files\":1");
  }

  @Test
  void describeShowsOneTable() {
    long snapshot = append(1, 3);

    assertThat(firn.ok("describe " + TABLE))
        .contains("Iceberg v2")
        .contains("Rows        3\n")
        .contains("Branch      main → " + snapshot)
        .containsPattern(" 1  id +long +yes +yes")
        .containsPattern(" 2  full name +string +no +no");
    assertThat(firn.ok("describe -o json " + TABLE))
        .contains("\"format_version\":2")
        .contains("{\"id\":1,\"name\":\"id\",\"type\":\"long\",\"required\":true,\"key\":true");
    assertThat(firn.ok("describe -o csv " + TABLE)).contains("1,id,long,yes,yes,\"\"\n");
  }

  @Test
  void scanSelectsFiltersAndLimits() {
    append(1, 10);

    String csv =
        firn.ok(
            "scan " + TABLE + " -o csv --limit 2",
            "--select",
            "total,id",
            "--where",
            "id BETWEEN 3 AND 9 AND \"full name\" IS NOT NULL");

    assertThat(csv).isEqualTo("total,id\n3.50,3\n5.50,5\n");
    assertThat(firn.err).isEmpty();
  }

  @Test
  void scanReadsThePastBySnapshotTimeTagAndBranch() {
    long first = append(1, 1);
    firn.ok("tag create " + TABLE + " one");
    firn.ok("branch create " + TABLE + " side");
    append(2, 1);

    assertThat(firn.ok("scan -o csv " + TABLE)).hasLineCount(3);
    for (String point :
        List.of(
            "--as-of " + first,
            "--snapshot " + first,
            "--tag one",
            "--as-of one",
            "--branch side",
            "--ref one",
            "--ref side")) {
      assertThat(firn.ok("scan -o csv " + TABLE + " " + point)).as(point).hasLineCount(2);
    }
    assertThat(firn.ok("scan -o csv " + TABLE + " --as-of 0s")).hasLineCount(3);
    assertThat(firn.run("scan " + TABLE + " --as-of 2001-01-01")).isEqualTo(3);
    assertThat(firn.run("scan " + TABLE + " --tag one --branch side")).isEqualTo(2);
  }

  @Test
  void thePastIsReadAndDescribedInItsOwnColumnsOrTodays() {
    long first = append(1, 1);
    append(2, 1);
    firn.ok("evolve rename " + TABLE + " total sum");
    String past = " --snapshot " + first;

    assertThat(firn.ok("scan -o csv " + TABLE + past)).contains("total").hasLineCount(2);
    assertThat(firn.ok("scan -o csv " + TABLE + past + " --current-schema"))
        .contains("sum")
        .hasLineCount(2);
    assertThat(firn.ok("describe -o json " + TABLE + past))
        .contains("\"total\"", "\"snapshot_id\":" + first);
    assertThat(firn.ok("describe -o json " + TABLE + past + " --current-schema"))
        .contains("\"sum\"");
    assertThat(firn.run("describe " + TABLE + " --ref gone")).isEqualTo(3);
    assertThat(firn.err).contains("oldest available is " + first);
    assertThat(firn.run("describe --as-of 1d")).isEqualTo(2);
  }

  @Test
  void snapshotsAndHistoryTellWhatHappened() {
    long first = append(1, 1);
    long second = append(2, 1);
    firn.ok("rollback " + TABLE + " " + first + " --yes");

    assertThat(firn.ok("snapshots -o csv " + TABLE).lines())
        .hasSize(3)
        .anySatisfy(line -> assertThat(line).startsWith(first + ",").endsWith(",main"))
        .anySatisfy(line -> assertThat(line).startsWith(second + ","));
    assertThat(firn.ok("history -o csv " + TABLE))
        .contains("," + second + "," + first + ",false,append");
  }

  @Test
  void channelsTellHowFarStreamsAre() {
    append(1, 1);
    assertThat(firn.ok("channels -o csv " + TABLE))
        .isEqualToIgnoringNewLines("channel,epoch,token,snapshot_id,updated_at");
    try (Lakehouse lake = Lakehouse.open(directory.resolve("warehouse"))) {
      try (StreamWriter stream = lake.table(TABLE).stream("topic-0")) {
        stream.commit("offset 42");
      }
      lake.table(TABLE).stream("topic-1").close();
      lake.table(TABLE).stream("topic-0").close();
    }

    assertThat(firn.ok("channels -o csv " + TABLE).lines())
        .hasSize(3)
        .anySatisfy(line -> assertThat(line).startsWith("topic-0,2,offset 42,,20"))
        .anySatisfy(line -> assertThat(line).startsWith("topic-1,1,,,20"));
    assertThat(firn.ok("channels -o json " + TABLE))
        .contains("\"channel\":\"topic-0\"", "\"epoch\":2", "\"token\":\"offset 42\"");
  }

  @Test
  void rollbackAsksOrNeedsYes() {
    long first = append(1, 1);
    append(2, 1);

    assertThat(firn.run("rollback " + TABLE + " " + first)).isEqualTo(2);
    assertThat(firn.err).contains("there is no terminal to ask; add --yes");

    firn.ok("rollback " + TABLE + " " + first + " --dry-run");
    assertThat(firn.err).contains("Would roll back");
    assertThat(firn.ok("scan -o csv " + TABLE)).hasLineCount(3);

    firn.terminal(new dev.firn.cli.run.Terminal(true, false, true, 80)).input("n\n");
    assertThat(firn.run("rollback " + TABLE + " " + first)).isEqualTo(2);
    assertThat(firn.err).contains("Go on? [y/N]").contains("nothing was changed");

    firn.input("yes\n").ok("rollback " + TABLE + " " + first);
    assertThat(firn.ok("scan -o csv " + TABLE)).hasLineCount(2);
  }

  @Test
  void rollbackToATagOrATime() {
    append(1, 1);
    firn.ok("tag create " + TABLE + " one");
    append(2, 1);
    firn.ok("rollback " + TABLE + " one --yes");

    assertThat(firn.ok("scan -o csv " + TABLE)).hasLineCount(2);
    assertThat(firn.run("rollback " + TABLE + " 2001-01-01 --yes")).isEqualTo(3);
    assertThat(firn.err).contains("it had no snapshot then");
    assertThat(firn.run("rollback " + TABLE + " onee --yes")).isEqualTo(3);
    assertThat(firn.err).contains("did you mean one?");
  }

  @Test
  void branchesAndTagsComeAndGo() {
    append(1, 1);
    firn.ok("branch create " + TABLE + " audit");
    firn.ok("tag create " + TABLE + " v1");

    assertThat(firn.ok("branch list -o csv " + TABLE)).contains("audit,").contains("main,");
    assertThat(firn.ok("tag list -o csv " + TABLE)).contains("v1,").doesNotContain("main");
    firn.ok("branch drop " + TABLE + " audit --dry-run");
    firn.ok("branch drop " + TABLE + " audit --yes");
    firn.ok("tag drop " + TABLE + " v1 --yes");
    assertThat(firn.ok("branch list -o csv " + TABLE)).hasLineCount(2);
    assertThat(firn.run("tag drop " + TABLE + " audit --yes")).isEqualTo(3);
  }

  @Test
  void evolveChangesColumnsAndLayout() {
    append(1, 1);
    firn.ok("evolve add " + TABLE + " note string --after id --doc why");
    firn.ok("evolve rename " + TABLE, "full name", "name");
    firn.ok("evolve widen " + TABLE, "total", "decimal(12,2)");
    firn.ok("evolve add " + TABLE, "geo", "struct<lat: double, lon: double>");
    firn.ok("evolve drop " + TABLE, "geo.lon");
    firn.ok("evolve add " + TABLE, "geo.alt", "int");
    firn.ok("evolve move " + TABLE, "total", "--first");
    firn.ok("evolve partition " + TABLE, "--add", "bucket(4, id)");
    firn.ok("evolve sort " + TABLE, "total desc");

    assertThat(firn.ok("describe -o json " + TABLE))
        .contains("\"partition_spec\":[\"bucket(4, id)\"]")
        .contains("\"sort_order\":[\"total desc nulls last\"]");
    assertThat(firn.ok("scan -o json " + TABLE))
        .contains("{\"total\":1.50,\"id\":1,\"note\":null,\"name\":\"n1\",\"geo\":null}");
  }

  @Test
  void evolveTellsOfTheLayoutThatItChanged() {
    firn.ok("evolve partition " + TABLE, "--add", "bucket(4, id)");
    assertThat(firn.err).isEqualTo("Changed shop.orders: partitioned by bucket(4, id)\n");
    firn.ok("evolve partition " + TABLE, "--drop", "bucket(4, id)");
    assertThat(firn.err).isEqualTo("Changed shop.orders: unpartitioned\n");
    firn.ok("evolve sort " + TABLE, "total desc");
    assertThat(firn.err).isEqualTo("Changed shop.orders: sorted by total desc nulls last\n");
    firn.ok("evolve sort --none " + TABLE);
    assertThat(firn.err).isEqualTo("Changed shop.orders: unsorted\n");
  }

  @Test
  void aKeyIsRemovedBeforeItsColumnChanges() {
    for (String change : List.of("optional", "drop")) {
      assertThat(firn.run("evolve " + change + " " + TABLE + " id")).isEqualTo(2);
      assertThat(firn.err)
          .contains("id")
          .contains("it is in the table's key (id)")
          .contains("'firn evolve key shop.orders --none'");
    }
    assertThat(firn.run("evolve key " + TABLE)).isEqualTo(2);
    assertThat(firn.err).contains("expected columns, or --none");
    firn.ok("evolve key --none " + TABLE);
    assertThat(firn.err).isEqualTo("Changed shop.orders: no key\n");
    firn.ok("evolve key " + TABLE + " id");
    assertThat(firn.err).isEqualTo("Changed shop.orders: key id\n");
    firn.ok("evolve key --none " + TABLE);
    firn.ok("evolve optional " + TABLE + " id");

    assertThat(firn.ok("describe -o csv " + TABLE)).contains("1,id,long,no,no,");
  }

  @Test
  void snapshotsCountRowsAsAReaderSeesThem() {
    append(1, 5);
    firn.ok("delete " + TABLE + " --yes", "--where", "id = 2");
    firn.ok("delete " + TABLE + " --yes", "--where", "id = 4");
    firn.ok("compact --all " + TABLE);

    List<String> lines = firn.ok("snapshots -o csv " + TABLE).lines().skip(1).toList();
    assertThat(lines.get(0)).contains(",append,5,0,5,");
    assertThat(lines.get(1)).contains(",0,1,4,");
    assertThat(lines.get(2)).contains(",0,1,3,");
    assertThat(lines.get(3)).contains(",replace,3,3,3,");
    assertThat(firn.ok("describe -o csv")).contains("shop.orders,3,");
  }

  @Test
  void explainPrintsItsLines() {
    assertThat(firn.ok("sql -c", "EXPLAIN SELECT count(*) FROM shop.orders"))
        .doesNotContain("\\n")
        .hasLineCount(firn.out.split("\n", -1).length - 1)
        .satisfies(text -> assertThat(text.lines().count()).isGreaterThan(5));
  }

  @Test
  void evolveDryRunShowsTheShapeAndChangesNothing() {
    firn.ok("evolve drop " + TABLE + " total --dry-run -o json");

    assertThat(firn.out).contains("\"dry_run\":true").doesNotContain("total");
    assertThat(firn.ok("describe -o csv " + TABLE)).contains("total");
  }

  @Test
  void evolveRefusesWhatIcebergForbids() {
    assertThat(firn.run("evolve widen " + TABLE, "id", "int")).isEqualTo(2);
    assertThat(firn.err).startsWith("firn: Cannot evolve shop.orders");
    assertThat(firn.run("evolve drop " + TABLE + " nothing")).isEqualTo(2);
    assertThat(firn.run("evolve move " + TABLE + " id")).isEqualTo(2);
    assertThat(firn.run("evolve partition " + TABLE)).isEqualTo(2);
  }

  @Test
  void deleteRemovesExactlyTheRows() {
    append(1, 5);

    firn.ok("delete " + TABLE + " --dry-run -o json", "--where", "id > 3");
    assertThat(firn.out).contains("\"dry_run\":true,\"rows\":2");
    assertThat(firn.run("delete " + TABLE, "--where", "id > 3")).isEqualTo(2);
    firn.ok("delete " + TABLE + " --yes -o json", "--where", "id > 3");
    assertThat(firn.out).contains("\"rows\":2");
    assertThat(firn.ok("scan -o csv --select id " + TABLE)).isEqualTo("id\n1\n2\n3\n");
  }

  @Test
  void compactMergesFilesAndExpireForgetsThem() throws IOException {
    for (int i = 0; i < 4; i++) {
      append(i * 10L, 2);
    }
    assertThat(firn.ok("compact " + TABLE + " --dry-run -o csv"))
        .contains(",4,0,")
        .contains("4 files are smaller than 384 MiB: 4 become 1.");
    assertThat(firn.ok("compact " + TABLE + " --max-bytes 1B --dry-run -o csv")).hasLineCount(1);
    assertThat(firn.ok("compact " + TABLE + " --min-age 1h --dry-run -o csv")).hasLineCount(1);
    assertThat(firn.ok("compact " + TABLE + " --cold-after 1h --dry-run -o csv --sort", "id desc"))
        .contains("4 files are smaller than 384 MiB: 4 become 1.")
        .doesNotContain("out of the order");
    assertThat(firn.run("compact " + TABLE + " --min-age soon")).isEqualTo(2);
    assertThat(firn.ok("compact " + TABLE + " --dry-run -o csv --sort", "id desc"))
        .contains("4 files are out of the order sort(id desc), up to");
    assertThat(firn.run("compact " + TABLE + " --sort --hilbert id,amount")).isEqualTo(2);
    firn.ok("compact " + TABLE + " -o json");
    assertThat(firn.out).contains("\"files_before\":4,\"files_after\":1").contains("\"rows\":8");
    firn.ok("compact " + TABLE);
    assertThat(firn.err).contains("Nothing to do");

    long before = dataFiles();
    firn.ok("expire-snapshots " + TABLE + " --older-than 0s --retain-last 1 --dry-run -o json");
    assertThat(firn.out).contains("\"data_files\":4");
    assertThat(dataFiles()).isEqualTo(before);
    firn.ok("expire-snapshots " + TABLE + " --older-than 0s --retain-last 1 --yes");
    assertThat(dataFiles()).isEqualTo(before - 4);
    assertThat(firn.ok("scan -o csv " + TABLE)).hasLineCount(9);
  }

  @Test
  void gradedExpiryKeepsTheYoungAndManifestsMerge() throws IOException {
    for (int i = 0; i < 3; i++) {
      append(i * 10L, 2);
    }
    firn.ok("expire-snapshots " + TABLE + " --graded --dry-run -o json");
    assertThat(firn.out).contains("\"snapshots\":[]");
    firn.ok("expire-snapshots " + TABLE + " --graded --yes");
    assertThat(firn.out + firn.err).contains("Expired 0 snapshots");
    assertThat(firn.run("expire-snapshots " + TABLE + " --graded --retain-last 2")).isEqualTo(2);

    firn.ok("rewrite-manifests " + TABLE + " --dry-run -o json");
    assertThat(firn.out).contains("\"manifests_before\":3,\"manifests_after\":1");
    firn.ok("rewrite-manifests " + TABLE);
    assertThat(firn.err).contains("Merged 3 manifests of " + TABLE + ": 3 became 1");
    firn.ok("rewrite-manifests " + TABLE);
    assertThat(firn.err).contains("Nothing to do");
    assertThat(firn.ok("scan -o csv " + TABLE)).hasLineCount(7);
  }

  @Test
  void analyzeCountsDistinctValues() {
    firn.ok("analyze " + TABLE);
    assertThat(firn.err).contains("Nothing to do in " + TABLE);
    append(1, 4);
    firn.ok("analyze " + TABLE + " --columns id -o json");
    assertThat(firn.out).contains("{\"column\":\"id\",\"distinct_values\":4}");
    assertThat(firn.err).contains("4 rows");
    firn.ok("verify " + TABLE + " --deep");
    assertThat(firn.run("analyze " + TABLE + " --columns ids")).isEqualTo(2);
  }

  @Test
  void verifyTellsWhatIsDamagedAndExitsWithIt() throws IOException {
    append(1, 4);
    firn.ok("verify " + TABLE + " --deep --all-snapshots");
    assertThat(firn.err).contains("Nothing wrong in " + TABLE);
    List<Path> files;
    try (Stream<Path> all = Files.walk(directory)) {
      files = all.filter(file -> file.toString().endsWith(".parquet")).toList();
    }
    Files.delete(files.get(0));
    assertThat(firn.run("verify " + TABLE + " -o json")).isEqualTo(5);
    assertThat(firn.out)
        .contains("\"severity\":\"error\",\"finding\":\"missing_file\"")
        .contains(files.get(0).getFileName().toString());
    assertThat(firn.err).contains("Cannot vouch for " + TABLE);
    assertThat(firn.run("verify " + TABLE + " --deep --sample 3")).isEqualTo(2);
  }

  private long dataFiles() {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(file -> file.toString().endsWith(".parquet")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void cherryPickBringsABranchesChangeToMain() {
    append(1, 1);
    firn.ok("branch create " + TABLE + " side");
    long picked;
    try (Lakehouse lake = Lakehouse.open(directory.resolve("warehouse"))) {
      LakeTable table = lake.table(TABLE);
      try (TableWriter writer = table.append(dev.firn.AppendOptions.DEFAULT.branch("side"))) {
        GenericRecord row = GenericRecord.create(writer.schema());
        row.setField("id", 9L);
        writer.write(row);
        picked = writer.commit().snapshotId();
      }
    }

    firn.ok("cherry-pick " + TABLE + " " + picked);

    assertThat(firn.ok("scan -o csv --select id " + TABLE).lines())
        .containsExactlyInAnyOrder("id", "1", "9");
  }

  @Test
  void renameAndDrop() {
    append(1, 1);
    firn.ok("rename " + TABLE + " shop.sales");
    assertThat(firn.ok("describe -o csv")).contains("shop.sales,1,");

    firn.ok("drop shop.sales --dry-run");
    assertThat(firn.run("drop shop.sales")).isEqualTo(2);
    firn.ok("drop shop.sales --yes --purge");
    assertThat(firn.ok("describe -o json")).isEqualTo("[]\n");
    assertThat(dataFiles()).isZero();
    assertThat(directory.resolve("warehouse/shop")).isEmptyDirectory();
  }

  @Test
  void sqlRunsOverTablesNowAndInThePast() throws IOException {
    long first = append(1, 2);
    append(3, 2);

    assertThat(firn.ok("sql -o csv -c", "SELECT count(*) AS n, sum(total) AS s FROM shop.orders"))
        .isEqualTo("n,s\n4,12.00\n");
    assertThat(
            firn.ok("sql -o csv --as-of " + first + " -c", "SELECT max(id) AS m FROM shop.orders"))
        .isEqualTo("m\n2\n");
    Files.writeString(directory.resolve("q.sql"), "SELECT 1 AS a; -- one\nSELECT 2 AS b;\n");
    assertThat(firn.ok("sql -o csv -f q.sql")).isEqualTo("a\n1\nb\n2\n");
    assertThat(firn.input("SELECT 3 AS c").ok("sql -o json")).isEqualTo("[\n{\"c\":3}\n]\n");
  }

  @Test
  void sqlRefusesWhatIsNoQuery() {
    assertThat(firn.run("sql -c", "SELECT * FROM shop.order")).isEqualTo(3);
    assertThat(firn.err).contains("shop.orders");
    assertThat(firn.run("sql -c", "SELEC 1")).isEqualTo(2);
    assertThat(firn.run("sql -c", "DROP TABLE shop.orders")).isEqualTo(2);
    assertThat(firn.run("sql -f none.sql")).isEqualTo(3);
    assertThat(firn.run("sql")).isEqualTo(2);
    assertThat(firn.run("sql -f a.sql -c", "SELECT 1")).isEqualTo(2);
  }

  @Test
  void creatingTwiceIsAConflict() {
    assertThat(firn.run("create " + TABLE, "id int")).isEqualTo(4);
    assertThat(firn.err).contains("it exists already");
  }
}
