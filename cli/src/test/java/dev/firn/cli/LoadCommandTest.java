package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadCommandTest {
  @TempDir Path directory;
  private Console firn;

  @BeforeEach
  void writeInputs() throws IOException {
    firn = new Console(directory);
    Files.writeString(
        directory.resolve("a.csv"), "id,full name,at\n1,ann,2026-01-01\n2,,2026-01-02\n");
  }

  @Test
  void createsTheTableAndReturnsItsRows() {
    firn.ok("load shop.people a.csv", "--partition", "month(at)", "--sort", "id");

    assertThat(firn.err).contains("Created shop.people: 2 rows from 1 files");
    assertThat(firn.out).isEmpty();
    assertThat(firn.ok("scan shop.people -o csv"))
        .isEqualTo("id,full name,at\n1,ann,2026-01-01\n2,,2026-01-02\n");
    assertThat(firn.ok("describe shop.people -o json"))
        .contains("\"partition_spec\":[\"month(at)\"]");
  }

  @Test
  void tellsProgramsWhatItDid() {
    assertThat(firn.ok("load shop.people a.csv -o json"))
        .contains("\"created\":true,\"rows\":2,\"rejected\":0")
        .contains("\"snapshot_id\":");
  }

  @Test
  void dryRunShowsTheSchemaAndCreatesNothing() {
    firn.ok("load shop.people a.csv --dry-run");

    assertThat(firn.err).contains("Would create shop.people").contains("\"full name\" string");
    assertThat(directory.resolve("warehouse")).doesNotExist();
  }

  @Test
  void appendsFromStandardInput() {
    firn.ok("load shop.people a.csv");
    firn.input("{\"id\": 3, \"full name\": \"cy\"}\n").ok("append shop.people");

    assertThat(firn.err).contains("Appended to shop.people: 1 rows");
    assertThat(firn.ok("scan shop.people -o csv", "--where", "id = 3")).contains("3,cy,\n");
  }

  @Test
  void appendNeverCreates() {
    firn.ok("init");

    assertThat(firn.run("append shop.people a.csv")).isEqualTo(3);
    assertThat(firn.ok("describe -o json")).isEqualTo("[]\n");
  }

  @Test
  void aRowThatDoesNotFitStopsTheLoadAndLeavesNothing() throws IOException {
    firn.ok("load shop.people a.csv");
    Files.writeString(directory.resolve("b.csv"), "id,full name,at\n3,x,2026-01-01\nfour,y,\n");

    assertThat(firn.run("append shop.people b.csv")).isEqualTo(2);
    assertThat(firn.err).contains("b.csv").contains("3").contains("id").contains("four");
    assertThat(firn.ok("scan shop.people -o csv")).hasLineCount(3);
    try (Stream<Path> files = Files.walk(directory)) {
      assertThat(files.filter(file -> file.toString().endsWith(".parquet"))).hasSize(1);
    }

    firn.ok("append shop.people b.csv --on-error quarantine -o json");
    assertThat(firn.out).contains("\"rows\":1,\"rejected\":1,\"rejected_table\":");
  }

  @Test
  void readsCsvAsTheOptionsSay() throws IOException {
    Files.writeString(directory.resolve("c.txt"), "1;'a;b';-\n2;c;3\n");

    firn.ok(
        "load t.c c.txt --format csv --delimiter ; --no-header --columns x,y,z --null -",
        "--quote",
        "'");

    assertThat(firn.ok("scan t.c -o csv")).isEqualTo("x,y,z\n1,a;b,\n2,c,3\n");
  }

  @Test
  void refusesOptionsThatMakeNoSense() {
    assertThat(firn.run("load shop.people a.csv --delimiter ab")).isEqualTo(2);
    assertThat(firn.run("load shop.people a.csv --format cvs")).isEqualTo(2);
    assertThat(firn.err).contains("did you mean csv");
    assertThat(firn.run("load shop.people a.csv --on-error ignore")).isEqualTo(2);
    assertThat(firn.run("load shop.people missing.csv")).isEqualTo(3);
    assertThat(firn.run("load shop.people")).isEqualTo(2);
  }

  @Test
  void showsProgressWhereItIsAskedFor() {
    firn.ok("load shop.people a.csv --progress");

    assertThat(firn.err).contains("\r").contains("Loading");
    firn.ok("append shop.people a.csv --no-progress");
    assertThat(firn.err).doesNotContain("\r");
    firn.ok("append shop.people a.csv --quiet");
    assertThat(firn.err).isEmpty();
  }
}
