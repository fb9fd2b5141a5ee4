package dev.firn.compaction.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;

/**
 * How far files are from a wished order: by what they say of themselves, and by how many overlap.
 * Immutable.
 */
final class Layout {
  private final List<List<KeyRange.Column>> keys;
  private final Predicate<DataFile> inOrder;
  private final int maxDepth;
  private final String name;

  private Layout(
      List<List<KeyRange.Column>> keys, Predicate<DataFile> inOrder, int maxDepth, String name) {
    this.keys = keys;
    this.inOrder = inOrder;
    this.maxDepth = maxDepth;
    this.name = name;
  }

  static Layout of(Table table, Clustering clustering, int maxDepth) {
    String name = clustering.describe();
    if (clustering instanceof Clustering.Sorted sorted) {
      Set<Integer> ids = new HashSet<>();
      table.sortOrders().values().stream()
          .filter(order -> order.sameOrder(sorted.order()))
          .forEach(order -> ids.add(order.orderId()));
      Predicate<DataFile> inOrder = file -> ids.contains(file.sortOrderId());
      return new Layout(List.of(KeyRange.columns(table, sorted.order())), inOrder, 1, name);
    }
    if (clustering instanceof Clustering.Along along) {
      List<List<KeyRange.Column>> each = new ArrayList<>();
      along.columns().forEach(column -> each.add(List.of(KeyRange.column(table, column))));
      return new Layout(each, commits(table, name), Integer.MAX_VALUE, name);
    }
    SortOrder order = table.sortOrder();
    List<KeyRange.Column> columns = order.isSorted() ? KeyRange.columns(table, order) : List.of();
    return new Layout(List.of(columns), file -> true, maxDepth, "of the table");
  }

  /** Files that a snapshot added whose summary says that they lie along the curve. */
  private static Predicate<DataFile> commits(Table table, String name) {
    Set<Long> sequences = new HashSet<>();
    for (Snapshot snapshot : table.snapshots()) {
      if (name.equals(snapshot.summary().get(Clustering.SUMMARY_KEY))) {
        sequences.add(snapshot.sequenceNumber());
      }
    }
    return file ->
        file.fileSequenceNumber() != null && sequences.contains(file.fileSequenceNumber());
  }

  String name() {
    return name;
  }

  /** Sets the depth of the files of a partition, and marks those that are in disorder. */
  void judge(List<Source> files) {
    measure(files);
    for (Source file : files) {
      if (!inOrder.test(file.task.file()) || file.depth > maxDepth) {
        file.why.add(Why.DISORDER);
      }
    }
  }

  private void measure(List<Source> files) {
    boolean first = true;
    for (List<KeyRange.Column> columns : keys) {
      if (columns.isEmpty()) {
        return;
      }
      List<Source> known = new ArrayList<>();
      List<KeyRange> ranges = new ArrayList<>();
      for (Source file : files) {
        KeyRange range = KeyRange.of(file.task.file(), columns);
        if (range != null) {
          known.add(file);
          ranges.add(range);
        }
      }
      int[] depths = Depth.of(ranges, columns.stream().map(KeyRange.Column::order).toList());
      for (int i = 0; i < depths.length; i++) {
        // Boxes overlap only where they do so in every column.
        known.get(i).depth = first ? depths[i] : Math.min(known.get(i).depth, depths[i]);
      }
      first = false;
    }
  }

  /**
   * By where files begin, so that groups of a partition that is too large for one are ranges, and
   * no longer overlap once each of them is sorted.
   */
  void arrange(List<Source> files) {
    List<KeyRange.Column> columns = keys.get(0);
    if (columns.isEmpty()) {
      return;
    }
    Comparator<Object> order = columns.get(0).order();
    files.sort(
        Comparator.comparing(
            file -> KeyRange.of(file.task.file(), columns),
            Comparator.nullsFirst(
                Comparator.comparing(
                    range -> Objects.requireNonNull(range).lows().get(0), order))));
  }
}
