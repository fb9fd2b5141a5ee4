package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.cli.run.Interruption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user does wrong, and what the command says to it. */
class BadInputTest {
  @TempDir Path directory;

  private Console firn() {
    return new Console(directory);
  }

  @Test
  void namesTheNearestTable() {
    Console firn = firn();
    firn.ok("create shop.orders", "id int");

    assertThat(firn.run("scan shop.order")).isEqualTo(3);
    assertThat(firn.err)
        .isEqualTo(
            "firn: Cannot find table shop.order: there is no such table; did you mean shop.orders?\n");
    assertThat(firn.out).isEmpty();
  }

  @Test
  void saysThatThereIsNoWarehouse() {
    Console firn = firn();

    assertThat(firn.run("describe")).isEqualTo(3);
    assertThat(firn.err).contains("there is none; 'firn init --warehouse");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void refusesADirectoryThatIsNoWarehouse() throws IOException {
    Files.writeString(directory.resolve("holiday.jpg"), "x");
    Console firn = firn();

    assertThat(firn.run("init --warehouse .")).isEqualTo(2);
    assertThat(firn.err).contains("holds other files and no firn.db");
    assertThat(firn.run("describe --warehouse holiday.jpg")).isEqualTo(2);
    assertThat(firn.err).contains("it is a file, expected a directory");
  }

  @Test
  void saysThatTheCatalogIsNotOne() throws IOException {
    Path warehouse = Files.createDirectory(directory.resolve("warehouse"));
    Files.writeString(warehouse.resolve("firn.db"), "this is no database at all, not at all\n");
    Console firn = firn();

    assertThat(firn.run("describe")).isEqualTo(2);
    assertThat(firn.err).contains("not a warehouse: it is not an SQLite database");
  }

  @ParameterizedTest
  @ValueSource(strings = {"shop/orders", "../orders", "shop.", "orders", "shop..orders", "a.b\\c"})
  void refusesNamesThatAreNone(String name) {
    Console firn = firn();

    assertThat(firn.run("create", name, "id int")).isEqualTo(2);
    assertThat(firn.err).startsWith("firn: Cannot use table name");
  }

  @Test
  void suggestsTheCommandThatWasMeant() {
    Console firn = firn();

    assertThat(firn.run("descirbe")).isEqualTo(2);
    assertThat(firn.err)
        .isEqualTo(
            "firn: Cannot run 'firn descirbe': there is no such command; did you mean describe?\n");
    assertThat(firn.run("xyzzy")).isEqualTo(2);
    assertThat(firn.err).contains("'firn --help' lists them");
  }

  @Test
  void suggestsTheOptionThatWasMeant() {
    Console firn = firn();

    assertThat(firn.run("scan a.b --limt 3")).isEqualTo(2);
    assertThat(firn.err)
        .isEqualTo(
            "firn: Cannot run 'firn scan': there is no option --limt; did you mean --limit? 'firn scan --help' lists them\n");
    assertThat(firn.run("scan a.b --xyzzy")).isEqualTo(2);
    assertThat(firn.err).contains("no option --xyzzy; 'firn scan --help' lists them");
    assertThat(firn.run("compact a.b --threads two")).isEqualTo(2);
    assertThat(firn.err).contains("'two' is no whole number; ");
  }

  @Test
  void namesTheSubcommandsThatThereAre() {
    Console firn = firn();

    assertThat(firn.run("branch")).isEqualTo(2);
    assertThat(firn.err).contains("expected one of create, list, fast-forward, drop");
    assertThat(firn.run(List.of(), new Interruption())).isEqualTo(2);
    assertThat(firn.err).contains("a command is missing");
  }

  @Test
  void suggestsTheSubcommandThatWasMeant() {
    Console firn = firn();

    assertThat(firn.run("branch craete a.b c")).isEqualTo(2);
    assertThat(firn.err)
        .isEqualTo(
            "firn: Cannot run 'firn branch craete': there is no such command; did you mean create?\n");
  }

  @Test
  void warnsOfAVariableThatIsNearlyOne() {
    Console firn = firn().environment("FIRN_WAREHUSE", "other").environment("FIRN_PORT", "tcp://x");
    firn.ok("init");

    assertThat(firn.err)
        .startsWith(
            "Warning: the environment variable FIRN_WAREHUSE has no effect; did you mean FIRN_WAREHOUSE?\nReady");
    firn.ok("init -q");
    assertThat(firn.err).isEmpty();
  }

  @Test
  void refusesAPropertyThatHasNoEffect() {
    Console firn = firn();

    assertThat(firn.run("init --property s3.endpont=http://x")).isEqualTo(2);
    assertThat(firn.err).contains("'s3.endpont': it is unknown; did you mean s3.endpoint?");
  }

  @Test
  void writesErrorsAsJsonWhereJsonIsAskedFor() {
    Console firn = firn();

    assertThat(firn.run("describe --output json")).isEqualTo(3);
    assertThat(firn.err)
        .startsWith("{\"error\":\"not_found\",\"exit_code\":3,\"message\":\"Cannot ");
    assertThat(firn.run("scan --output=json")).isEqualTo(2);
    assertThat(firn.err).startsWith("{\"error\":\"usage\",\"exit_code\":2,");
  }

  @Test
  void showsAStackTraceWhereVerboseIsAskedFor() {
    Console firn = firn();

    firn.run("describe --verbose");
    assertThat(firn.err).contains("FirnException").contains("\tat dev.firn.");
    firn.run("describe");
    assertThat(firn.err).doesNotContain("\tat ").hasLineCount(1);
  }

  @Test
  void showsTheTypeThatAFilterMissed() {
    Console firn = firn();
    firn.ok("create a.b", "d date, n int");

    assertThat(firn.run("scan a.b", "--where", "d = 'yesterday'")).isEqualTo(2);
    assertThat(firn.err).startsWith("firn: Cannot ").contains("yesterday");
    assertThat(firn.run("scan a.b --select m")).isEqualTo(2);
    assertThat(firn.err).startsWith("firn: Cannot ").contains("m");
    assertThat(firn.run("scan a.b --limit -1")).isEqualTo(2);
  }

  @Test
  void stopsWhereItIsInterrupted() {
    Console firn = firn();
    firn.ok("create a.b", "n int");
    Interruption interruption = new Interruption();
    interruption.stop();

    int code = firn.run(List.of("describe"), interruption);
    interruption.finished();

    assertThat(code).isEqualTo(130);
    assertThat(firn.err).contains("Interrupted: nothing was committed");
  }
}
