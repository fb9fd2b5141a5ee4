package dev.firn.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import dev.firn.format.merge.MergeOptions;
import dev.firn.format.merge.MergeOutcome;
import dev.firn.format.merge.PageMerge;
import dev.firn.testing.S3Server;
import dev.firn.testing.TestServers;
import dev.firn.testing.s3.S3Fault;
import dev.firn.testing.s3.S3RequestKind;
import dev.firn.testing.s3.S3Rule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Files of each partition of a table in S3 are merged page by page, and read by Iceberg. */
@ExtendWith(TestServers.class)
class PageMergeOnS3IT {
  private static final Schema SCHEMA =
      new Schema(
          NestedField.required(1, "id", Types.LongType.get()),
          NestedField.optional(2, "city", Types.StringType.get()));

  private static final int FILES = 4;
  private static final int ROWS = 600;

  record Row(long id, String city) {}

  @Test
  void partitionsAreMergedEach(S3Server s3, @TempDir Path directory) throws IOException {
    String bucket = s3.newBucket();
    Map<String, String> settings = new HashMap<>(s3.properties());
    settings.put("warehouse", bucket + "/lake");
    settings.put("catalog", "jdbc:sqlite:" + directory.resolve("catalog.db"));
    try (Lakehouse lake = Lakehouse.open(settings);
        BufferAllocator memory = new RootAllocator(512L << 20)) {
      LakeTable table =
          lake.createTable("a.t", SCHEMA, t -> t.formatVersion(3).partitionBy("city"));
      for (int file = 0; file < FILES; file++) {
        append(table, file);
      }
      List<List<Object>> before = rows(table.iceberg());
      Table now = table.iceberg();
      // A request that fails once is asked again.
      s3.faults().add(S3Rule.on(bucket, S3RequestKind.GET, S3Fault.RESET_BODY));
      s3.faults().add(S3Rule.on(bucket, S3RequestKind.GET_RANGE, S3Fault.RESET_BODY));
      s3.faults().add(S3Rule.on(bucket, S3RequestKind.PUT, S3Fault.SLOW_DOWN));
      RewriteFiles rewrite = now.newRewrite();
      Map<String, List<FileScanTask>> partitions = partitions(now);
      assertThat(partitions).hasSize(3);
      for (List<FileScanTask> tasks : partitions.values()) {
        MergeOutcome outcome =
            PageMerge.merge(now, now.spec(), tasks, new MergeOptions(128L << 20, memory));
        assertThat(outcome).isInstanceOf(MergeOutcome.Merged.class);
        tasks.forEach(task -> rewrite.deleteFile(task.file()));
        ((MergeOutcome.Merged) outcome).files().forEach(rewrite::addFile);
      }
      rewrite.commit();
      s3.faults().clear(bucket);

      Table after = table.iceberg();
      assertThat(partitions(after).values()).allSatisfy(tasks -> assertThat(tasks).hasSize(1));
      assertThat(rows(after)).isEqualTo(before);
      assertThat(table.scan().where(Expressions.equal("city", "c1")).count())
          .isEqualTo((long) FILES * ROWS / 3);
      assertThat(table.scan().where(Expressions.equal("id", 1234L)).count()).isEqualTo(1);
      assertThat(table.verify().deep().run().findings()).isEmpty();
    }
  }

  private static void append(LakeTable table, long file) {
    try (TableWriter writer = table.append()) {
      for (long id = file * ROWS; id < (file + 1) * ROWS; id++) {
        writer.write(new Row(id, id % 3 == 0 ? null : "c" + id % 3));
      }
      writer.commit();
    }
  }

  private static Map<String, List<FileScanTask>> partitions(Table table) throws IOException {
    Map<String, List<FileScanTask>> partitions = new TreeMap<>();
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      for (FileScanTask task : tasks) {
        partitions
            .computeIfAbsent(
                task.spec().partitionToPath(task.file().partition()), key -> new ArrayList<>())
            .add(task);
      }
    }
    return partitions;
  }

  private static List<List<Object>> rows(Table table) throws IOException {
    List<List<Object>> rows = new ArrayList<>();
    try (CloseableIterable<Record> records =
        IcebergGenerics.read(table).select("id", "city").build()) {
      for (Record row : records) {
        rows.add(Arrays.asList(row.get(0), row.get(1)));
      }
    }
    rows.sort(Comparator.comparing(row -> (Long) row.get(0)));
    return rows;
  }
}
