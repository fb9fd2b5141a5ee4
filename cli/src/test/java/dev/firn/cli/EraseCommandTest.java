package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EraseCommandTest {
  @TempDir Path directory;
  private Console firn;

  @BeforeEach
  void table() throws IOException {
    firn = new Console(directory);
    firn.ok("init");
    firn.ok("create shop.orders", "id bigint not null, who string");
    Files.writeString(directory.resolve("orders.csv"), "id,who\n1,ann\n2,bob\n3,ann\n");
    firn.ok("load shop.orders orders.csv");
    firn.ok("delete shop.orders --yes", "--where", "id = 1");
  }

  private String rows() {
    return firn.ok("scan shop.orders -o csv").lines().skip(1).sorted().toList().toString();
  }

  @Test
  void erasesAndWritesDownTheProof() throws IOException {
    firn.ok("erase shop.orders --dry-run -o json", "--where", "who = 'ann'");
    assertThat(firn.out).contains("\"stored_rows\":2").contains("\"live_rows\":{\"main\":1}");
    assertThat(rows()).isEqualTo("[2,bob, 3,ann]");
    assertThat(firn.run("erase shop.orders", "--where", "who = 'ann'")).isEqualTo(2);
    assertThat(firn.err).contains("--yes");

    Path report = directory.resolve("erased.json");
    firn.ok(
        "erase shop.orders --yes -o json", "--where", "who = 'ann'", "--report", report.toString());

    assertThat(firn.out).contains("\"proven\":true").contains("\"rows_deleted\":1");
    assertThat(firn.err).contains("Erased from shop.orders: 1 rows deleted");
    assertThat(Files.readString(report))
        .contains("\"where\":\"who = 'ann'\"")
        .contains("\"proven\":true")
        .contains("\"kind\":\"data\"");
    assertThat(rows()).isEqualTo("[2,bob]");
  }

  @Test
  void failsWhereAFileCannotBeTold() throws IOException {
    Path data;
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> all = files.filter(file -> file.toString().endsWith(".parquet")).toList();
      data = all.get(0);
    }
    Files.writeString(data.resolveSibling("notes.bin"), "?");

    assertThat(firn.run("erase shop.orders --yes", "--where", "who = 'ann'")).isEqualTo(4);
    assertThat(firn.err).contains("notes.bin").contains("Cannot prove");
    assertThat(rows()).isEqualTo("[2,bob]");
  }

  @Test
  void erasesNothingWhereTheReportCannotBeWritten() {
    String nowhere = directory.resolve("none").resolve("erased.json").toString();

    assertThat(firn.run("erase shop.orders --yes", "--where", "who = 'ann'", "--report", nowhere))
        .isEqualTo(2);

    assertThat(firn.err).contains("the report cannot be written", "nothing was changed");
    assertThat(rows()).isEqualTo("[2,bob, 3,ann]");
  }
}
