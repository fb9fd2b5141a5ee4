package dev.firn;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.catalog.intent.SweepResult;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every change of the facade is in the ledger while it is under way, and not after. */
class LakeSweepTest {
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));
  private static final int ENOUGH_TO_BEGIN_A_FILE = 10_000;

  record Row(long id) {}

  @TempDir private Path directory;
  private Lakehouse lake;
  private Lakehouse sweeper;
  private LakeTable table;

  @BeforeEach
  void open() {
    lake = Lakehouse.open(directory.resolve("lake"));
    sweeper = Lakehouse.open(directory.resolve("lake"));
    table = lake.createTable("a.t", SCHEMA, t -> t.formatVersion(2));
  }

  @AfterEach
  void close() {
    sweeper.close();
    lake.close();
  }

  @Test
  void everyCommitClearsItsIntents() throws SQLException {
    append(table, 1, 2, 3);
    append(table, 4, 5);
    table.delete(equal("id", 2L));
    try (TableWriter writer = table.overwrite(equal("id", 3L))) {
      writer.write(new Row(30));
      writer.commit();
    }
    try (StreamWriter stream = table.stream("s")) {
      stream.write(new Row(6));
      stream.commit("six");
    }
    try (TableWriter writer = lake.newTable("a.new", SCHEMA, t -> {}).append()) {
      writer.write(new Row(7));
      writer.commit();
    }
    assertThat(table.compact().run().filesBefore()).isPositive();
    assertThat(database().count("firn_sessions")).isPositive();

    assertThat(database().count("firn_intents")).isZero();
    assertThat(database().count("firn_intent_files")).isZero();
  }

  @Test
  void writerClosedWithoutCommitLeavesNothing() throws SQLException {
    TableWriter writer = begun(table);
    assertThat(database().count("firn_intents")).isEqualTo(1);

    writer.close();

    assertThat(database().count("firn_intents")).isZero();
    assertThat(files()).isEmpty();
  }

  @Test
  void commitThatIsNotAppliedLeavesNothing() throws SQLException {
    TableWriter writer = begun(table);
    lake.dropTable("a.t");

    assertThatThrownBy(writer::commit).isInstanceOf(FirnException.class);
    writer.close();

    assertThat(database().count("firn_intents")).isZero();
    assertThat(files()).isEmpty();
  }

  @Test
  void filesOfAKilledWriterAreSwept() throws SQLException {
    append(table, 1);
    List<Path> before = files();
    TableWriter writer = begun(table);
    database().kill();

    assertThat(sweep().quarantined()).hasSize(1);
    assertThat(files()).hasSizeGreaterThan(before.size());
    assertThat(sweep().deleted()).hasSize(1);

    assertThat(files()).isEqualTo(before);
    assertThat(database().count("firn_intents")).isZero();
    assertThatThrownBy(writer::commit).isInstanceOf(FirnException.class);
    writer.close();
    assertThat(table.scan().toList()).hasSize(1);
  }

  @Test
  void zombiesOfEveryKindFailCleanly() throws SQLException {
    append(table, 1, 2);
    TableWriter append = begun(table);
    TableWriter overwrite = begun(table, equal("id", 1L));
    TableWriter create = lake.newTable("a.new", SCHEMA, t -> {}).append();
    fill(create);
    database().kill();
    assertThat(sweep().quarantined()).hasSize(3);

    for (TableWriter zombie : List.of(append, overwrite, create)) {
      assertThatThrownBy(zombie::commit)
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("swept")
          .extracting(e -> ((FirnException) e).kind())
          .isEqualTo(ErrorKind.CONFLICT);
      zombie.close();
    }
    assertThat(table.scan().toList()).hasSize(2);
    assertThat(lake.findTable("a.new")).isEmpty();
    // The process goes on, under another session.
    append(table, 3);
    assertThat(table.scan().toList()).hasSize(3);
  }

  private static TableWriter begun(LakeTable table) {
    TableWriter writer = table.append();
    fill(writer);
    return writer;
  }

  private static TableWriter begun(LakeTable table, Expression where) {
    TableWriter writer = table.overwrite(where);
    fill(writer);
    return writer;
  }

  private static void fill(TableWriter writer) {
    for (long id = 0; id < ENOUGH_TO_BEGIN_A_FILE; id++) {
      writer.write(new Row(100 + id));
    }
  }

  private static void append(LakeTable table, long... ids) {
    try (TableWriter writer = table.append()) {
      for (long id : ids) {
        writer.write(new Row(id));
      }
      writer.commit();
    }
  }

  private SweepResult sweep() {
    return sweeper.sweep().grace(Duration.ZERO).deleteAfter(Duration.ZERO).run();
  }

  private LakeDatabase database() {
    return new LakeDatabase(directory.resolve("lake"));
  }

  /** Data files, and what is left of half-written ones. */
  private List<Path> files() {
    try (Stream<Path> files = Files.walk(directory.resolve("lake/a"))) {
      return files
          .filter(f -> f.toString().endsWith(".parquet") || f.toString().endsWith(".firn-tmp"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
