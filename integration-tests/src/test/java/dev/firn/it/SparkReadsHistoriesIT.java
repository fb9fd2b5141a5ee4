package dev.firn.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeScan;
import dev.firn.LakeTable;
import dev.firn.ScanCursor;
import dev.firn.SnapshotInfo;
import dev.firn.it.model.RandomHistory;
import dev.firn.testing.SparkProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A sample of the random histories: Spark reads each retained snapshot as Firn does. */
@ExtendWith(SparkProcess.Shared.class)
class SparkReadsHistoriesIT {
  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void retainedSnapshots(long seed, SparkProcess spark) {
    try (SharedLake shared = SharedLake.onSqlite(spark, directory)) {
      RandomHistory.run(
          shared.lake(), "it.history" + seed, seed, 25, table -> compare(shared, table));
    }
  }

  private static void compare(SharedLake shared, LakeTable table) {
    List<SnapshotInfo> all = table.snapshots();
    assertThat(all).isNotEmpty();
    for (SnapshotInfo snapshot : all.subList(Math.max(0, all.size() - 6), all.size())) {
      LakeScan scan = table.scan().asOfSnapshot(snapshot.id());
      List<String> judged =
          shared.spark("select * from %s." + table.name() + " version as of " + snapshot.id());
      assertThat(judged.stream().sorted())
          .as("Spark's rows of snapshot %d", snapshot.id())
          .isEqualTo(rows(scan));
    }
  }

  private static List<String> rows(LakeScan scan) {
    List<String> rows = new ArrayList<>();
    try (ScanCursor cursor = scan.open()) {
      for (Record row : cursor) {
        rows.add(RowText.of(row, cursor.schema()));
      }
    }
    return rows.stream().sorted().toList();
  }
}
