package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.catalog.CatalogSettings;
import dev.firn.catalog.LakeCatalog;
import dev.firn.catalog.commit.CommitRequest;
import dev.firn.catalog.table.TableName;
import dev.firn.storage.Locations;
import dev.firn.upsert.KeyIndexes;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a commit costs on an old table and on a young one, in turns, so that both meet the same JVM
 * and machine. {@code -Dfirn.age.commits=10000} runs it: a measurement, too slow and too much at
 * the mercy of its neighbours for every build.
 */
class CommitAgeTest {
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));
  private static final int YOUNG = 100;
  private static final int WINDOW = 200;

  @TempDir Path directory;

  @Test
  @EnabledIfSystemProperty(named = "firn.age.commits", matches = "\\d+")
  void aCommitCostsTheSameOnAnOldTable() {
    int commits = Integer.getInteger("firn.age.commits", 10_000);
    String database = "jdbc:sqlite:" + directory.resolve("c.db");
    try (LakeCatalog catalog =
            LakeCatalog.open(
                new CatalogSettings("firn", database, Locations.of(directory), Map.of()));
        Upkeep upkeep = new Upkeep(catalog, new Holds(), Clock.systemUTC(), Upkeep.READING)) {
      catalog.listen(upkeep);
      TableIdentifier old = create(catalog, "shop.old");
      long[] first = append(catalog, old, 0, commits);
      System.out.printf(
          "p50 of commits 100-300: %.2f ms, of the last 200: %.2f ms, of all: %.2f ms%n",
          p50(Arrays.copyOfRange(first, 100, 300)),
          p50(Arrays.copyOfRange(first, commits - 200, commits)),
          p50(first));
      TableIdentifier young = create(catalog, "shop.young");
      append(catalog, young, 0, YOUNG - WINDOW / 4);
      long[] ofYoung = new long[WINDOW];
      long[] ofOld = new long[WINDOW];
      for (int i = 0; i < WINDOW; i++) {
        ofOld[i] = append(catalog, old, commits + i, commits + i + 1)[0];
        ofYoung[i] = append(catalog, young, YOUNG + i, YOUNG + i + 1)[0];
      }
      Table table = catalog.loadTable(old);
      System.out.printf(
          "in turns: old %.2f ms, young %.2f ms, ratio %.2f; %d manifests; total files %s%n",
          p50(ofOld),
          p50(ofYoung),
          p50(ofOld) / p50(ofYoung),
          table.currentSnapshot().allManifests(table.io()).size(),
          table.currentSnapshot().summary().get("total-data-files"));
      assertThat(p50(ofOld)).isLessThan(1.5 * p50(ofYoung));
    }
  }

  private static TableIdentifier create(LakeCatalog catalog, String name) {
    TableIdentifier id = TableName.parse(name);
    new NewTable(
            catalog,
            id,
            SCHEMA,
            new TableDefinition(),
            loaded ->
                new LakeTable(
                    loaded,
                    new TableCommits(catalog, id, new Holds()),
                    new ScanResources(
                        dev.firn.scan.Decoding.INLINE,
                        () -> {
                          throw new IllegalStateException("nothing is read");
                        }),
                    Upserts.of(new KeyIndexes(() -> null))))
        .create();
    return id;
  }

  /** Commits files that do not exist: only the commit is measured. Returns nanoseconds of each. */
  private static long[] append(LakeCatalog catalog, TableIdentifier table, int from, int to) {
    long[] nanos = new long[to - from];
    for (int i = from; i < to; i++) {
      CommitRequest request =
          CommitRequest.of(
              RowChanges.append(
                  SnapshotRef.MAIN_BRANCH,
                  List.of(
                      DataFiles.builder(PartitionSpec.unpartitioned())
                          .withPath("file:/data/" + table.name() + "-" + i + ".parquet")
                          .withFileSizeInBytes(1000)
                          .withRecordCount(1)
                          .build()),
                  Map.of()));
      long start = System.nanoTime();
      catalog.commit(table, request);
      nanos[i - from] = System.nanoTime() - start;
    }
    return nanos;
  }

  private static double p50(long[] nanos) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2] / 1e6;
  }
}
