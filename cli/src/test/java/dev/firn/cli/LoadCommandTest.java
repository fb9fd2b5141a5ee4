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

    assertThat(firn.err).contains("Created shop.people: 2 rows from 1 file (");
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

    assertThat(firn.err).contains("Appended to shop.people: 1 row from 1 file (");
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

    assertThat(firn.err)
        .contains("\r")
        .doesNotContain("?%", "? %", "/? MB")
        .containsPattern("Looking +100%[^\n]* 2 rows *\n")
        .containsPattern("Loading +100%[^\n]* 2 rows *\n")
        .containsPattern("Committing +100%[^\n]* 2 rows *\n")
        .doesNotContain("rows/s");
    firn.ok("append shop.people a.csv --no-progress");
    assertThat(firn.err).doesNotContain("\r");
    firn.ok("append shop.people a.csv --quiet");
    assertThat(firn.err).isEmpty();
  }

  @Test
  void dryRunComparesWithTheTable() throws IOException {
    firn.ok("load shop.people a.csv");
    Files.writeString(directory.resolve("b.csv"), "id,full name,note\n3,x,y\n");

    assertThat(firn.run("load shop.people b.csv --dry-run")).isEqualTo(2);
    assertThat(firn.err).contains("the table has no column 'note'; give --evolve");
    firn.ok("append shop.people b.csv --dry-run --evolve");
    assertThat(firn.err)
        .contains("would have added column 'note' string")
        .contains("Would append to shop.people from 1 file (")
        .contains("1 row looked at: id long, \"full name\" string, at date, note string");
    assertThat(firn.ok("load shop.people b.csv --dry-run --evolve -o json"))
        .contains("\"schema_changes\":[\"added column 'note' string\"]");
    assertThat(firn.ok("scan shop.people -o csv")).startsWith("id,full name,at\n");
  }

  @Test
  void dryRunChecksTheLayout() {
    assertThat(firn.run("load shop.people a.csv --dry-run --partition day(att)")).isEqualTo(2);
    assertThat(firn.err).contains("column 'att'").contains("did you mean at");
    assertThat(firn.run("load shop.people a.csv --dry-run --partition", "day(full name)"))
        .isNotZero();
    firn.ok("load shop.people a.csv --dry-run --partition day(at) --sort id");
  }

  @Test
  void saysWhereThereWasNothingToAppend() throws IOException {
    firn.ok("load shop.people a.csv");
    Files.writeString(directory.resolve("none.csv"), "id,full name,at\n");
    Files.writeString(directory.resolve("bad.csv"), "id,full name,at\nx,y,z\n");

    firn.ok("append shop.people none.csv");
    assertThat(firn.err).contains("Nothing to append: 1 file (16 B) without a row; shop.people");
    assertThat(firn.err).doesNotContain("Appended");
    firn.ok("append shop.people bad.csv --on-error quarantine");
    assertThat(firn.err)
        .contains("1 row did not fit: 'firn scan shop.people__rejected' shows it and why")
        .contains("Nothing to append: 1 file (22 B) without a row that fits");
  }
}
