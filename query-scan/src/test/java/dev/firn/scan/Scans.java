package dev.firn.scan;

import static org.apache.iceberg.expressions.Expressions.alwaysTrue;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;

/** Scans, read to their end. */
final class Scans {
  private Scans() {}

  static ScanRequest where(Expression filter, String... columns) {
    return new ScanRequest(
        new SnapshotSelector.Current(),
        columns.length == 0 ? null : List.of(columns),
        filter,
        ScanRequest.NO_LIMIT);
  }

  static ScanRequest at(SnapshotSelector snapshot) {
    return new ScanRequest(snapshot, null, alwaysTrue(), ScanRequest.NO_LIMIT);
  }

  /** Each row as the list of its values, read in this thread and by several alike. */
  static List<List<Object>> rows(Table table, ScanRequest request) {
    List<List<Object>> rows = rows(new TableScanner(table), request);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Decoding parallel = new Decoding(Decoding.DEFAULT_BATCH_ROWS, threads, 3);
      // As text: a variant is equal to itself alone.
      assertThat(shown(rows(new TableScanner(table, parallel), request))).isEqualTo(shown(rows));
    } finally {
      threads.shutdown();
    }
    return rows;
  }

  private static List<String> shown(List<List<Object>> rows) {
    return rows.stream().map(row -> Arrays.deepToString(row.toArray())).toList();
  }

  static List<List<Object>> rows(TableScanner scanner, ScanRequest request) {
    List<List<Object>> rows = new ArrayList<>();
    try (BufferAllocator allocator = new RootAllocator(64 << 20);
        CloseableIterable<Record> cursor = scanner.read(request, allocator)) {
      for (Record row : cursor) {
        rows.add(values(row));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  static List<List<Object>> all(Table table) {
    return rows(table, ScanRequest.EVERYTHING);
  }

  /** The only column of each row. */
  static List<Object> column(Table table, Expression filter, String name) {
    List<Object> values = new ArrayList<>();
    rows(table, where(filter, name)).forEach(row -> values.add(row.get(0)));
    return values;
  }

  static List<Object> values(Record row) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      Object value = row.get(i);
      values.add(value instanceof Record nested ? values(nested) : value);
    }
    return values;
  }
}
