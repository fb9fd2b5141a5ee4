package dev.firn.compaction;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.MetadataTableType;
import org.apache.iceberg.MetadataTableUtils;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusteredManifestsTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "p", Types.StringType.get()),
          Types.NestedField.optional(3, "d", Types.DoubleType.get()));
  private static final PartitionSpec SPEC =
      PartitionSpec.builderFor(SCHEMA).identity("p").identity("d").build();
  private static final int PARTITIONS = 60;

  private final TableFixture fixture = TableFixture.open();

  @AfterEach
  void close() {
    fixture.close();
  }

  /** Each of ten commits adds files to partitions from all over, as late data does. */
  private Table scattered(int version) {
    Table table = fixture.create(SCHEMA, SPEC, version);
    table
        .updateProperties()
        .set("commit.manifest.target-size-bytes", "20000")
        .set("commit.manifest-merge.enabled", "false")
        .commit();
    for (int commit = 0; commit < 10; commit++) {
      AppendFiles append = table.newFastAppend();
      for (int i = 0; i < 100; i++) {
        int partition = (i * 7 + commit * 3) % PARTITIONS;
        append.appendFile(file(table, commit * 1000 + i, partition));
      }
      append.commit();
    }
    return table;
  }

  /** A file, on paper, of a partition; some of those are null and NaN. */
  private static DataFile file(Table table, int number, int partition) {
    PartitionKey key = new PartitionKey(table.spec(), table.schema());
    key.partition(
        row(
            SCHEMA,
            (long) number,
            partition == 7 ? null : "p%03d".formatted(partition),
            partition == 9 ? Double.NaN : partition / 2.0));
    return DataFiles.builder(table.spec())
        .withPath(table.location() + "/data/file-" + number + ".parquet")
        .withPartition(key)
        .withRecordCount(1)
        .withFileSizeInBytes(100)
        .build();
  }

  /** All that an entry has: snapshot, sequence numbers, path and first row id. */
  private static Map<String, List<Object>> entries(Table table) {
    table.refresh();
    Map<String, List<Object>> entries = new TreeMap<>();
    Table rows = MetadataTableUtils.createMetadataTableInstance(table, MetadataTableType.ENTRIES);
    try (CloseableIterable<FileScanTask> tasks = rows.newScan().planFiles()) {
      for (FileScanTask task : tasks) {
        for (StructLike row : task.asDataTask().rows()) {
          List<Object> entry = new ArrayList<>();
          entry.add(row.get(1, Long.class));
          entry.add(row.get(2, Long.class));
          entry.add(row.get(3, Long.class));
          StructLike file = row.get(4, StructLike.class);
          if (row.get(0, Integer.class) != 2) {
            entries.put(file.get(1, String.class), entry);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      for (FileScanTask task : tasks) {
        List<Object> entry = entries.get(task.file().location());
        entry.add(task.file().firstRowId());
        entry.add(task.deletes().size());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return entries;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void eachManifestHoldsANarrowRangeAndEntriesStayAsTheyAre(int version) {
    Table table = scattered(version);
    DataFile marked =
        append(table, row(SCHEMA, 999L, "p001", 0.5), row(SCHEMA, 998L, "p001", 0.5)).get(0);
    deleteRows(table, marked, 0);
    Map<String, List<Object>> before = entries(table);
    long head = table.currentSnapshot().snapshotId();
    ManifestMerge clustering = ManifestMerge.of(table).clustered();

    ManifestMerge.Result plan = clustering.plan();
    table.refresh();
    assertThat(table.currentSnapshot().snapshotId()).isEqualTo(head);
    ManifestMerge.Result done = clustering.run();

    assertThat(done.overlapBefore()).isEqualTo(plan.overlapBefore()).isGreaterThan(5);
    assertThat(done.overlapAfter()).isLessThan(2);
    assertThat(plan.overlapAfter()).isLessThan(2);
    assertThat(done.snapshotId()).hasValue(refreshed(table));
    assertThat(entries(table)).isEqualTo(before);
    List<ManifestFile> manifests = table.currentSnapshot().dataManifests(table.io());
    assertThat(manifests).hasSizeGreaterThan(3);
    assertThat(read(table, "p010")).isLessThan(manifests.size());
    assertThat(clustering.run().merged()).isZero();
  }

  private static long refreshed(Table table) {
    table.refresh();
    return table.currentSnapshot().snapshotId();
  }

  /** How many manifests Iceberg's own planning reads for one partition. */
  private static int read(Table table, String partition) {
    int[] scanned = {0};
    try (CloseableIterable<FileScanTask> tasks =
        table
            .newScan()
            .filter(Expressions.equal("p", partition))
            .metricsReporter(
                report ->
                    scanned[0] =
                        (int)
                            ((org.apache.iceberg.metrics.ScanReport) report)
                                .scanMetrics()
                                .scannedDataManifests()
                                .value())
            .planFiles()) {
      tasks.forEach(task -> {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return scanned[0];
  }

  @Test
  void commitsMeanwhileAreKept() {
    Table table = scattered(3);
    Table other = fixture.reload(table);
    DataFile gone = file(table, 50_000, 3);
    table.newFastAppend().appendFile(gone).commit();
    Map<String, List<Object>> before = entries(table);
    int[] attempts = {0};

    ManifestMerge.Result done =
        ManifestMerge.of(table)
            .clustered()
            .beforeCommit(
                () -> {
                  if (attempts[0]++ == 0) {
                    other.refresh();
                    other.newFastAppend().appendFile(file(other, 60_000, 4)).commit();
                    other.newDelete().deleteFile(gone).commit();
                  }
                })
            .run();

    assertThat(done.merged()).isPositive();
    Map<String, List<Object>> after = entries(table);
    assertThat(after).hasSize(before.size()).doesNotContainKey(gone.location());
    after.keySet().retainAll(before.keySet());
    before.remove(gone.location());
    assertThat(after).isEqualTo(before);
  }

  @Test
  void specsAreClusteredApartAndTablesWithoutPartitionsMerged() {
    Table table = scattered(2);
    table.updateSpec().removeField("d").commit();
    for (int i = 0; i < 4; i++) {
      AppendFiles append = table.newFastAppend();
      append.appendFile(file(table, 70_000 + i, i));
      append.appendFile(file(table, 80_000 + i, 20 - i));
      append.commit();
    }
    Map<String, List<Object>> before = entries(table);

    ManifestMerge.Result done = ManifestMerge.of(table).clustered().run();

    assertThat(done.overlapAfter()).isLessThan(done.overlapBefore() * 0.6);
    assertThat(entries(table)).isEqualTo(before);
    Table flat = fixture.create(SCHEMA, 2);
    for (long i = 0; i < 3; i++) {
      append(flat, row(SCHEMA, i, "a", 1.0));
    }
    ManifestMerge.Result merged = ManifestMerge.of(flat).clustered().run();
    assertThat(merged.merged()).isEqualTo(3);
    assertThat(merged.overlapBefore()).isZero();
  }
}
