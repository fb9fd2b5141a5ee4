package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CleanOrphansCommandTest {
  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  private static final int ENOUGH_TO_BEGIN_A_FILE = 10_000;

  record Row(long id) {}

  @TempDir private Path directory;
  private Console firn;

  @BeforeEach
  void open() {
    firn = new Console(directory);
    firn.ok("init");
    try (Lakehouse lake = Lakehouse.open(warehouse())) {
      lake.createTable(
          "shop.orders", new Schema(Types.NestedField.required(1, "id", Types.LongType.get())));
    }
  }

  private Path warehouse() {
    return directory.resolve("warehouse");
  }

  /** Ends the session before the writer, as a kill does. */
  private void die() {
    TableWriter writer;
    try (Lakehouse lake = Lakehouse.open(warehouse())) {
      writer = lake.table("shop.orders").append();
      for (long id = 0; id < ENOUGH_TO_BEGIN_A_FILE; id++) {
        writer.write(new Row(id));
      }
    }
    writer.close();
  }

  @Test
  void quarantinesThenDeletesAfterAQuestion() {
    die();

    firn.ok("clean-orphans --dry-run -o csv");
    assertThat(firn.out).contains("shop.orders,dead,writer");
    assertThat(firn.err).contains("Would quarantine 1 files, would delete 0");
    firn.ok("clean-orphans -o csv");
    assertThat(firn.out).contains("shop.orders,quarantined,writer");
    firn.ok("clean-orphans -o csv");
    assertThat(firn.err).contains("1 wait in quarantine");

    assertThat(firn.run("clean-orphans --delete-after 0s")).isEqualTo(2);
    assertThat(firn.err).contains("delete 1 quarantined files").contains("--yes");
    firn.ok("clean-orphans --delete-after 0s --yes -o json");
    assertThat(firn.out).contains("\"state\":\"deleted\"");
    firn.ok("clean-orphans --dry-run -o csv");
    assertThat(firn.out).doesNotContain("shop.orders");
  }

  @Test
  void undoTakesFilesBack() {
    die();
    Matcher id = ID.matcher(firn.ok("clean-orphans shop.orders -o csv"));
    assertThat(id.find()).isTrue();

    firn.ok("clean-orphans -o json --undo " + id.group());

    firn.ok("clean-orphans --delete-after 0s -o csv");
    assertThat(firn.out).contains("shop.orders,kept,writer");
    assertThat(firn.run("clean-orphans --undo " + UUID.randomUUID())).isNotZero();
    assertThat(firn.err).contains("no files of that id are in quarantine");
    assertThat(firn.run("clean-orphans --undo shop.orders")).isEqualTo(2);
  }

  @Test
  void listingPrintsAndQuarantinesOnlyWhenTold() throws IOException {
    Path foreign = foreignFile();

    firn.ok("clean-orphans shop.orders --listing -o csv");
    assertThat(firn.out).contains("spark.parquet");
    assertThat(firn.err).contains("Found 1 files of shop.orders that nobody refers to");
    firn.ok("clean-orphans shop.orders --listing --older-than 5d -o csv");
    assertThat(firn.err).contains("Found 0 files");

    firn.ok("clean-orphans shop.orders --listing --yes -o csv");
    assertThat(firn.err).contains("Quarantined 1 files of shop.orders; --undo");
    assertThat(foreign).exists();
    firn.ok("clean-orphans --delete-after 0s --yes -o csv");
    assertThat(firn.out).contains("shop.orders,deleted,listing");
    assertThat(foreign).doesNotExist();
  }

  private Path foreignFile() throws IOException {
    Path foreign = tableDirectory().resolve("data/spark.parquet");
    Files.createDirectories(foreign.getParent());
    Files.writeString(foreign, "rows");
    Files.setLastModifiedTime(foreign, FileTime.from(Instant.now().minus(Duration.ofDays(4))));
    return foreign;
  }

  private Path tableDirectory() {
    try (Stream<Path> tables = Files.list(warehouse().resolve("shop"))) {
      return tables.findFirst().orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void refusesOptionsThatDoNotGoTogether() {
    assertThat(firn.run("clean-orphans --older-than 3d")).isEqualTo(2);
    assertThat(firn.err).contains("--older-than is for --listing");
    assertThat(firn.run("clean-orphans --listing")).isEqualTo(2);
    assertThat(firn.err).contains("no table is named");
    assertThat(firn.run("clean-orphans shop.orders --listing --older-than 1h")).isEqualTo(2);
    assertThat(firn.err).contains("expected an age of one day or more");
  }

  @Test
  void tableThatNeverWasIsMistyped() {
    assertThat(firn.run("clean-orphans shop.orderz")).isEqualTo(3);
    assertThat(firn.err).contains("did you mean shop.orders");
  }
}
