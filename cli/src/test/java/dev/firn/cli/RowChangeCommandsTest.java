package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowChangeCommandsTest {
  @TempDir Path directory;
  private Console firn;

  @BeforeEach
  void table() throws IOException {
    firn = new Console(directory);
    firn.ok("init");
    firn.ok("create shop.orders", "id bigint not null, status string, due date");
    file("orders.csv", "id,status,due\n1,new,2026-01-01\n2,new,2026-01-02\n3,old,\n");
    firn.ok("load shop.orders orders.csv");
  }

  private void file(String name, String text) throws IOException {
    Files.writeString(directory.resolve(name), text);
  }

  private String rows() {
    return firn.ok("scan shop.orders -o csv").lines().skip(1).sorted().toList().toString();
  }

  @Test
  void updatesRows() {
    firn.ok("update shop.orders --dry-run -o json --set status=x", "--where", "id < 3");
    assertThat(firn.out).contains("\"updated\":2").contains("\"files_marked\":1");
    firn.ok("update shop.orders --yes --set status=NULL --set due=2027-02-03", "--where", "id = 2");
    assertThat(firn.err).contains("Updated 1 rows of shop.orders: 0 files removed, 1 marked");
    assertThat(rows()).isEqualTo("[1,new,2026-01-01, 2,,2027-02-03, 3,old,]");
    assertThat(firn.run("update shop.orders --yes --set due=soon", "--where", "id = 2"))
        .isEqualTo(2);
    assertThat(firn.err).contains("Cannot set column due: bad value, expected date, got 'soon'");
    assertThat(firn.run("update shop.orders --yes --set sttus=x", "--where", "id = 2"))
        .isEqualTo(2);
    assertThat(firn.err).contains("status");
    firn.ok("update shop.orders --yes", "--set", "status='it''s'", "--where", "id = 3");
    assertThat(rows()).contains("3,it's,");
  }

  @Test
  void mergesFilesByKey() throws IOException {
    file(
        "changes.ndjson",
        """
        {"id": 1, "status": "paid", "op": "u"}
        {"id": 3, "op": "d"}
        {"id": 4, "status": "new", "due": "2026-05-06", "op": "i"}
        {"id": 5, "op": "d"}
        """);
    String[] deleting = {"--delete-when", "op = 'd'"};
    firn.ok("merge shop.orders changes.ndjson --on id -n -o json", deleting);
    assertThat(firn.out)
        .contains("\"inserted\":1")
        .contains("\"updated\":1")
        .contains("\"deleted\":1")
        .contains("\"snapshot_id\":null");
    assertThat(rows()).contains("3,old");
    firn.ok("merge shop.orders changes.ndjson --on id --yes", deleting);
    assertThat(firn.err).contains("Inserted 1, updated 1, deleted 1 rows of shop.orders");
    assertThat(rows()).isEqualTo("[1,paid,, 2,new,2026-01-02, 4,new,2026-05-06]");
  }

  @Test
  void insertsOnlyWhatIsNotThere() throws IOException {
    file("more.csv", "id,status\n1,other\n9,nine\n");
    firn.ok("merge shop.orders more.csv --on id --when-matched ignore");
    assertThat(rows()).contains("1,new").contains("9,nine");
    assertThat(firn.run("merge shop.orders more.csv")).isEqualTo(2);
    assertThat(firn.err).contains("no key is named");
  }

  @Test
  void countsRowsAndFilesOfADelete() {
    firn.ok("delete shop.orders --dry-run", "--where", "id = 2");
    assertThat(firn.err)
        .contains("Would delete 1 rows of shop.orders: 0 files to be removed, 1 marked");
    assertThat(rows()).contains("2,new");
  }
}
