package dev.firn.it.erase;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.AppendOptions;
import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import dev.firn.compaction.erase.ErasureReport;
import dev.firn.compaction.verify.Finding;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/** A table with a branch, deleted rows and many files, in which rows are to be erased. */
final class ErasedTable {
  /** Short enough that bounds hold it whole. */
  static final String MARK = "zq9-erase-me";

  static final Expression WHERE = equal("who", MARK);
  static final String NAME = "a.t";
  private static final String SIDE = "side";
  private static final int ROWS = 40;

  private static final Schema SCHEMA =
      new Schema(
          NestedField.required(1, "id", Types.LongType.get()),
          NestedField.optional(2, "who", Types.StringType.get()));

  record Row(long id, String who) {}

  private final Map<String, Map<Long, String>> kept = new TreeMap<>();
  private long nextId;

  /** Bytes of its files are what they hold. */
  void create(Lakehouse lake) {
    lake.createTable(
        NAME,
        SCHEMA,
        t ->
            t.formatVersion(3)
                .property("write.parquet.compression-codec", "uncompressed")
                .property("write.avro.compression-codec", "uncompressed")
                .property("write.manifest.compression-codec", "uncompressed")
                .property("write.metadata.compression-codec", "none"));
    append(lake.table(NAME), "main");
    lake.table(NAME).branch(SIDE);
  }

  /** Adds rows to keep and to erase, of which some are deleted, and one has become another. */
  void fill(Lakehouse lake) {
    LakeTable table = lake.table(NAME);
    long first = nextId;
    append(table, "main");
    append(table, SIDE);
    append(table, "main");
    table.delete(equal("id", first + 5));
    table.delete(equal("id", first + 6));
    table.update(equal("id", first + 10)).set("who", "changed").run();
    for (String branch : new String[] {"main", SIDE}) {
      Map<Long, String> rows = rows(table, branch);
      rows.values().removeIf(row -> row.startsWith(MARK));
      kept.put(branch, rows);
    }
  }

  private void append(LakeTable table, String branch) {
    try (TableWriter writer = table.append(AppendOptions.DEFAULT.branch(branch))) {
      for (int i = 0; i < ROWS; i++) {
        writer.write(new Row(nextId, nextId % 5 == 0 ? MARK : "w" + nextId));
        nextId++;
      }
      writer.commit();
    }
  }

  /** With row ids. */
  private static Map<Long, String> rows(LakeTable table, String branch) {
    Map<Long, String> rows = new TreeMap<>();
    for (Record row : table.scan().ref(branch).select("id", "who", "_row_id").toList()) {
      String before = rows.put((Long) row.get(0), row.get(1) + "#" + row.get(2));
      assertThat(before).as("row %s twice", row.get(0)).isNull();
    }
    return rows;
  }

  /** However far an erasure came, no other row is concerned. */
  void checkKept(Lakehouse lake) {
    kept.forEach(
        (branch, rows) -> {
          Map<Long, String> now = rows(lake.table(NAME), branch);
          now.values().removeIf(row -> row.startsWith(MARK));
          assertThat(now).as(branch).isEqualTo(rows);
        });
  }

  /** What is left may be a writer's, as far as the next run can tell, and is named. */
  static boolean isProven(ErasureReport report) {
    assertThat(report.remaining())
        .allMatch(file -> !file.reachable() && !file.remedy().isEmpty(), "is named");
    return report.isProven();
  }

  /** It is proven, and true: all other rows are there, and the table is sound. */
  void checkErased(Lakehouse lake, ErasureReport report) {
    assertThat(report.remaining()).isEmpty();
    assertThat(report.isProven()).isTrue();
    LakeTable table = lake.table(NAME);
    kept.forEach((branch, rows) -> assertThat(rows(table, branch)).as(branch).isEqualTo(rows));
    assertThat(table.verify().allSnapshots().deep().run().findings())
        .filteredOn(
            found ->
                found.severity() == Finding.Severity.ERROR
                    || found.kind() == Finding.Kind.DANGLING_DELETE)
        .isEmpty();
  }
}
