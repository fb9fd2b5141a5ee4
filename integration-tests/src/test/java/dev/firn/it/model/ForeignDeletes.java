package dev.firn.it.model;

import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/** Deletes as other engines write them, by Iceberg's own writers. */
final class ForeignDeletes {
  private ForeignDeletes() {}

  /** Deletes the rows whose {@code column} equals {@code value}, null included. */
  static void byEquality(Table table, Types.NestedField column, @Nullable Object value) {
    Schema key =
        new Schema(Types.NestedField.optional(column.fieldId(), column.name(), column.type()));
    Record row = GenericRecord.create(key);
    row.set(0, value);
    List.copyOf(onePerPartition(table).values())
        .forEach(file -> TableFixture.deleteEqual(table, key, file, row));
  }

  /**
   * A file of each partition of each spec that has any. Not global deletes: those need an
   * unpartitioned spec.
   */
  private static Map<String, DataFile> onePerPartition(Table table) {
    Map<String, DataFile> files = new LinkedHashMap<>();
    for (FileScanTask task : plan(table)) {
      files.putIfAbsent(
          task.spec().specId() + ":" + task.spec().partitionToPath(task.file().partition()),
          task.file());
    }
    return files;
  }

  static List<FileScanTask> plan(Table table) {
    List<FileScanTask> all = new ArrayList<>();
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      tasks.forEach(all::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  /** Deletes some of these rows, read with their file and position; returns which, by index. */
  static List<Integer> byPosition(Table table, List<Record> rows, Random random) {
    String path = (String) rows.get(0).getField(MetadataColumns.FILE_PATH.name());
    List<Integer> chosen = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      if (path.equals(rows.get(i).getField(MetadataColumns.FILE_PATH.name()))
          && random.nextBoolean()) {
        chosen.add(i);
      }
    }
    if (!chosen.isEmpty()) {
      DataFile file =
          plan(table).stream()
              .map(FileScanTask::file)
              .filter(each -> each.location().equals(path))
              .findFirst()
              .orElseThrow();
      long[] positions =
          chosen.stream()
              .mapToLong(i -> (Long) rows.get(i).getField(MetadataColumns.ROW_POSITION.name()))
              .toArray();
      List<DeleteFile> deletes = TableFixture.deleteRows(table, file, positions);
      if (deletes.isEmpty()) {
        throw new IllegalStateException("nothing was deleted");
      }
    }
    return chosen;
  }
}
