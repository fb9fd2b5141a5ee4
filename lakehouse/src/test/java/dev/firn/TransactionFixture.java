package dev.firn;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.TableFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Two lakehouses on one directory, for transactions that meet each other. */
abstract class TransactionFixture {
  static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "v", Types.StringType.get()));

  record Row(long id, String v) {}

  @TempDir Path directory;
  Lakehouse lake;
  Lakehouse other;

  @BeforeEach
  void open() {
    lake = Lakehouse.open(directory.resolve("lake"));
    other = Lakehouse.open(directory.resolve("lake"));
  }

  @AfterEach
  void close() {
    lake.close();
    other.close();
  }

  void create(int version, String... names) {
    for (String name : names) {
      other.createTable(name, SCHEMA, t -> t.formatVersion(version));
    }
  }

  void append(String name, long... ids) {
    try (TableWriter rows = other.table(name).append()) {
      for (long id : ids) {
        rows.write(new Row(id, "v" + id));
      }
      rows.commit();
    }
  }

  static void append(TransactionTable table, long... ids) {
    try (TransactionWriter rows = table.append()) {
      for (long id : ids) {
        rows.write(new Row(id, "v" + id));
      }
      rows.commit();
    }
  }

  static void overwrite(TransactionTable table, long id) {
    try (TransactionWriter rows = table.overwrite(equal("id", id))) {
      rows.write(new Row(id, "v" + id));
      rows.commit();
    }
  }

  Set<Long> ids(String name) {
    return ids(other.table(name).scan().toList());
  }

  static Set<Long> ids(TransactionTable table) {
    return ids(table.scan().toList());
  }

  static Set<Long> ids(List<Record> rows) {
    Set<Long> ids = new TreeSet<>();
    rows.forEach(row -> assertThat(ids.add((Long) row.getField("id"))).isTrue());
    return ids;
  }

  /** Every file that is there is needed by a snapshot, or is earlier metadata. */
  void assertNothingUnreachable(String... names) {
    Set<Path> reachable = new TreeSet<>();
    for (String name : names) {
      Table table = other.table(name).iceberg();
      reachable.addAll(TableFiles.needed(table));
      reachable.addAll(TableFiles.earlierMetadata(table));
    }
    assertThat(reachable).containsAll(files());
  }

  Set<Path> files() {
    Set<Path> files = TableFiles.present(directory.resolve("lake"));
    files.removeIf(file -> file.getFileName().toString().startsWith(Settings.EMBEDDED_CATALOG));
    return files;
  }
}
