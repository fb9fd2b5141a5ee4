package dev.firn.compaction;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.files;
import static dev.firn.testing.TableFixture.row;
import static dev.firn.testing.TableFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestMergeTest {
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));

  private final TableFixture fixture = TableFixture.open();

  @AfterEach
  void close() {
    fixture.close();
  }

  private static void fastAppend(Table table, long from, long to) {
    for (long id = from; id < to; id++) {
      Record record = row(SCHEMA, id);
      DataFile file = write(table, FileFormat.PARQUET, List.of(record)).get(0);
      table.newFastAppend().appendFile(file).commit();
    }
  }

  private static List<ManifestFile> manifests(Table table) {
    table.refresh();
    return table.currentSnapshot().allManifests(table.io());
  }

  /** Location to sequence number and first row id of every live file. */
  private static Map<String, List<Object>> state(Table table) {
    table.refresh();
    Map<String, List<Object>> state = new TreeMap<>();
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      for (FileScanTask task : tasks) {
        List<Object> of = new ArrayList<>();
        of.add(task.file().dataSequenceNumber());
        of.add(task.file().fileSequenceNumber());
        of.add(task.file().firstRowId());
        of.add(task.deletes().size());
        of.add(task.file().specId());
        assertThat(state.put(task.file().location(), of)).isNull();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return state;
  }

  @Test
  void aFullClassBecomesOneManifestAndFilesKeepTheirNumbers() {
    Table table = fixture.create(SCHEMA, 3);
    fastAppend(table, 0, 31);
    assertThat(ManifestMerge.of(table).run().merged()).isZero();
    fastAppend(table, 31, 33);
    Map<String, List<Object>> before = state(table);

    ManifestMerge.Result plan = ManifestMerge.of(table).plan();
    ManifestMerge.Result result = ManifestMerge.of(table).run();

    assertThat(plan.merged()).isEqualTo(33).isEqualTo(result.merged());
    assertThat(plan.after()).isEqualTo(1).isEqualTo(result.after());
    assertThat(result.snapshotId()).hasValue(table.currentSnapshot().snapshotId());
    assertThat(manifests(table)).hasSize(1);
    assertThat(state(table)).isEqualTo(before);
  }

  @Test
  void eachEntryIsRewrittenOncePerClass() {
    Table table = fixture.create(SCHEMA, 2);
    DataFile file = write(table, FileFormat.PARQUET, List.of(row(SCHEMA, 1L))).get(0);
    // Forty manifests of forty files, of the second class, and forty of one file.
    for (int i = 0; i < 80; i++) {
      AppendFiles append = table.newFastAppend();
      for (int j = 0; j < (i % 2 == 0 ? 40 : 1); j++) {
        append.appendFile(copy(table, file, 100 * i + j));
      }
      append.commit();
    }
    assertThat(ManifestMerge.of(table).run().merged()).isEqualTo(80);
    assertThat(manifests(table)).hasSize(1);
    for (int i = 80; i < 112; i++) {
      table.newFastAppend().appendFile(copy(table, file, 100 * i)).commit();
    }

    assertThat(ManifestMerge.of(table).run().merged()).isEqualTo(32);

    assertThat(table.currentSnapshot().summary()).containsEntry("entries-processed", "32");
    assertThat(manifests(table)).hasSize(2);
    assertThat(state(table)).hasSize(40 * 40 + 40 + 32);
  }

  private static DataFile copy(Table table, DataFile file, int number) {
    return DataFiles.builder(table.spec())
        .copy(file)
        .withPath(table.location() + "/data/copy-" + number + ".parquet")
        .build();
  }

  @Test
  void specsStayApartAndLargeManifestsAsTheyAre() {
    Table table = fixture.create(SCHEMA, 2);
    fastAppend(table, 0, 3);
    table.updateSpec().addField(Expressions.bucket("id", 4)).commit();
    fastAppend(table, 3, 6);
    Map<String, List<Object>> before = state(table);

    assertThat(ManifestMerge.of(table).all().run().merged()).isEqualTo(6);
    assertThat(manifests(table))
        .extracting(ManifestFile::partitionSpecId)
        .containsExactlyInAnyOrder(0, 1);
    assertThat(state(table)).isEqualTo(before);
    fastAppend(table, 6, 8);
    table.updateProperties().set("commit.manifest.target-size-bytes", "100").commit();
    assertThat(ManifestMerge.of(table).all().run().merged()).isZero();
  }

  @Test
  void appendsMeanwhileDoNotDisturbIt() {
    Table table = fixture.create(SCHEMA, 3);
    fastAppend(table, 0, 5);
    Table other = fixture.reload(table);

    ManifestMerge.Result result =
        ManifestMerge.of(table).all().beforeCommit(() -> fastAppend(other, 5, 7)).run();

    assertThat(result.merged()).isEqualTo(5);
    assertThat(manifests(table)).hasSize(3);
    assertThat(state(table)).hasSize(7);
    assertNoStrayManifests(table);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void deleteManifestsMergeTooAndGoOnDeleting(int version) throws IOException {
    Table table = fixture.create(SCHEMA, version);
    table.updateProperties().set("commit.manifest-merge.enabled", "false").commit();
    List<DataFile> files = new ArrayList<>();
    for (long i = 0; i < 6; i++) {
      files.addAll(append(table, row(SCHEMA, i), row(SCHEMA, 10 + i)));
    }
    for (DataFile file : files.subList(0, 4)) {
      deleteRows(table, file, 0);
    }
    Map<String, List<Object>> before = state(table);
    Table other = fixture.reload(table);

    ManifestMerge.Result result =
        ManifestMerge.of(table)
            .all()
            .beforeCommit(
                () -> {
                  if (manifests(other).size() == 10) {
                    deleteRows(other, files.get(4), 0);
                  }
                })
            .run();

    assertThat(result.merged()).isEqualTo(10);
    assertThat(manifests(table)).hasSize(3);
    before.put(files.get(4).location(), state(table).get(files.get(4).location()));
    assertThat(state(table)).isEqualTo(before);
    Set<Object> ids = new TreeSet<>();
    try (CloseableIterable<Record> rows = IcebergGenerics.read(table).build()) {
      rows.forEach(each -> ids.add(each.get(0)));
    }
    assertThat(ids).containsExactly(5L, 10L, 11L, 12L, 13L, 14L, 15L);
    // A later delete of the same file on a v3 table replaces a vector that merged manifests list.
    deleteRows(table, files.get(0), 1);
    assertThat(ManifestMerge.of(table).all().run().merged()).isGreaterThanOrEqualTo(2);
    assertThat(state(table)).hasSize(6);
    assertNoStrayManifests(table);
  }

  @Test
  void aDeleteMeanwhileIsKept() {
    Table table = fixture.create(SCHEMA, 2);
    fastAppend(table, 0, 4);
    DataFile gone = append(table, row(SCHEMA, 9L)).get(0);
    Table other = fixture.reload(table);

    ManifestMerge.of(table)
        .all()
        .beforeCommit(() -> other.newDelete().deleteFile(gone).commit())
        .run();

    assertThat(state(table)).hasSize(4).doesNotContainKey(gone.location());
    assertNoStrayManifests(table);
  }

  /** Every manifest in the store is in some snapshot. */
  private static void assertNoStrayManifests(Table table) {
    Map<String, Boolean> reachable = new HashMap<>();
    table
        .snapshots()
        .forEach(s -> s.allManifests(table.io()).forEach(m -> reachable.put(m.path(), true)));
    assertThat(files(table, "metadata").stream().filter(f -> f.matches(".*-m\\d+\\.avro")))
        .containsExactlyInAnyOrderElementsOf(reachable.keySet());
  }
}
