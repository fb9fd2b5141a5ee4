package dev.firn.scan.change;

import dev.firn.scan.Decoding;
import dev.firn.scan.FileTaskReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.ChangelogOperation;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;

/** Changes, read to their end, and the rows they are applied to. */
final class Feed {
  private Feed() {}

  /** One change: what happened, in which snapshot, and the row's values. */
  record Change(ChangelogOperation type, int ordinal, long snapshot, List<Object> row) {
    boolean adds() {
      return type == ChangelogOperation.INSERT || type == ChangelogOperation.UPDATE_AFTER;
    }
  }

  static List<Change> read(Table table, ChangeRequest request) {
    try (BufferAllocator allocator = new RootAllocator(256 << 20)) {
      return read(table, request, allocator);
    }
  }

  static List<Change> read(Table table, ChangeRequest request, BufferAllocator allocator) {
    List<Change> changes = new ArrayList<>();
    ChangeScanner scanner = new ChangeScanner(table, Decoding.INLINE);
    try (CloseableIterable<Record> rows = scanner.read(request, allocator)) {
      for (Record row : rows) {
        changes.add(change(row));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return changes;
  }

  static Change change(Record row) {
    List<Object> values = values(row);
    return new Change(
        ChangelogOperation.valueOf((String) row.getField(MetadataColumns.CHANGE_TYPE.name())),
        (Integer) row.getField(MetadataColumns.CHANGE_ORDINAL.name()),
        (Long) row.getField(MetadataColumns.COMMIT_SNAPSHOT_ID.name()),
        values.subList(0, values.size() - 3));
  }

  private static List<Object> values(Record row) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      values.add(row.get(i) instanceof Record nested ? values(nested) : row.get(i));
    }
    return values;
  }

  /** The rows of a snapshot in a schema, as Iceberg plans them; null: none. */
  static Map<List<Object>, Integer> rows(Table table, Long snapshot, Schema schema) {
    Map<List<Object>, Integer> rows = new HashMap<>();
    if (snapshot == null) {
      return rows;
    }
    FileTaskReader reader =
        new FileTaskReader(table, schema, schema, Expressions.alwaysTrue(), Decoding.INLINE);
    try (BufferAllocator allocator = new RootAllocator();
        CloseableIterable<FileScanTask> tasks = table.newScan().useSnapshot(snapshot).planFiles()) {
      for (FileScanTask task : tasks) {
        try (CloseableIterable<Record> read = reader.open(task, allocator)) {
          read.forEach(row -> rows.merge(values(row), 1, Integer::sum));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  /** Applies changes, those of each snapshot together, deletes first. */
  static Map<List<Object>, Integer> apply(Map<List<Object>, Integer> rows, List<Change> changes) {
    Map<List<Object>, Integer> applied = new HashMap<>(rows);
    int last = changes.stream().mapToInt(Change::ordinal).max().orElse(-1);
    for (int ordinal = 0; ordinal <= last; ordinal++) {
      int at = ordinal;
      List<Change> own = changes.stream().filter(change -> change.ordinal() == at).toList();
      for (Change change : own) {
        if (!change.adds()) {
          Integer count = applied.remove(change.row());
          if (count == null) {
            throw new AssertionError("deletes a row that is not there: " + change);
          }
          if (count > 1) {
            applied.put(change.row(), count - 1);
          }
        }
      }
      own.stream()
          .filter(Change::adds)
          .forEach(change -> applied.merge(change.row(), 1, Integer::sum));
    }
    return applied;
  }
}
