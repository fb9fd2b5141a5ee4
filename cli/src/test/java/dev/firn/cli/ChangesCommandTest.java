package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChangesCommandTest {
  private static final String TABLE = "shop.orders";

  @TempDir Path directory;
  private Console firn;
  private long first;
  private long second;

  @BeforeEach
  void createTable() {
    firn = new Console(directory);
    firn.ok("create " + TABLE, "id bigint not null, s string", "--key", "id");
    try (Lakehouse lake = Lakehouse.open(directory.resolve("warehouse"))) {
      LakeTable table = lake.table(TABLE);
      first = append(table, 1, 2);
      second = append(table, 3);
      table.delete(Expressions.equal("id", 1L));
    }
  }

  private static long append(LakeTable table, long... ids) {
    try (TableWriter writer = table.append()) {
      for (long id : ids) {
        GenericRecord row = GenericRecord.create(writer.schema());
        row.setField("id", id);
        row.setField("s", "s" + id);
        writer.write(row);
      }
      return writer.commit().snapshotId();
    }
  }

  @Test
  void changesArePrintedSnapshotBySnapshot() {
    List<String> lines =
        firn.ok("scan " + TABLE + " --changes --select id -o csv --from " + first).lines().toList();
    assertThat(lines)
        .hasSize(3)
        .startsWith("id,_change_type,_change_ordinal,_commit_snapshot_id", "3,INSERT,0," + second);
    assertThat(lines.get(2)).startsWith("1,DELETE,1,");
  }

  @Test
  void netChangesAndALimitAreTaken() {
    assertThat(firn.ok("scan " + TABLE + " --changes --net -o csv")).hasLineCount(3);
    assertThat(firn.ok("scan " + TABLE + " --changes --limit 1 -o csv")).hasLineCount(2);
    assertThat(firn.err).contains("--limit ended the output");
    assertThat(firn.ok("scan " + TABLE + " --changes --where", "id = 1", "-o", "csv"))
        .contains("1,s1,INSERT,0,")
        .contains("1,s1,DELETE,")
        .hasLineCount(3);
  }

  @Test
  void followGoesOnFromTheTokenInItsFile() throws Exception {
    firn.ok("scan " + TABLE + " --follow --from " + first + " --limit 1 --token t -o csv");
    assertThat(firn.out).contains("3,s3,INSERT").hasLineCount(2);
    String token = Files.readString(directory.resolve("t")).strip();
    assertThat(firn.err).contains("Token: " + token);

    firn.ok("scan " + TABLE + " --follow --limit 1 --token t -o json");
    assertThat(firn.out).contains("\"id\":1").contains("DELETE").endsWith("]\n");
    assertThat(Files.readString(directory.resolve("t")).strip()).isNotEqualTo(token);
  }

  @Test
  void optionsThatDoNotGoTogetherAreRefused() {
    assertThat(firn.run("scan " + TABLE + " --from " + first)).isEqualTo(2);
    assertThat(firn.err).contains("expected --changes or --follow");
    assertThat(firn.run("scan " + TABLE + " --follow --net")).isEqualTo(2);
    assertThat(firn.run("scan " + TABLE + " --changes --as-of 2h")).isEqualTo(2);
    assertThat(firn.run("scan " + TABLE + " --changes --from 42")).isEqualTo(3);
    assertThat(firn.err).contains("the oldest to start from is " + first);
  }

  @Test
  void diffCountsRowsAndNamesColumns() {
    try (Lakehouse lake = Lakehouse.open(directory.resolve("warehouse"))) {
      lake.table(TABLE).evolve().addColumn("n", Types.IntegerType.get()).commit();
    }
    assertThat(firn.ok("diff " + TABLE + " " + first + " -o csv").lines())
        .containsExactly(
            "difference,of,rows",
            "inserted,rows,1",
            "deleted,rows,1",
            "updated,rows,0",
            "column added,n int,");
    assertThat(firn.ok("diff " + TABLE + " " + first + " " + second + " --rows -o json"))
        .contains("\"id\":3")
        .contains("INSERT");
  }
}
