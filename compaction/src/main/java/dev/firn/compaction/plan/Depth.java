package dev.firn.compaction.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * How many files lie over each other in an order. Stateless.
 *
 * <p>Files that only touch, one ending with the value that the next begins with, do not overlap:
 * sorted files do so where they were cut within equal values. A file with one value only in the
 * first column is looked at by the next column, among those with the same value.
 *
 * <p>How it works: the ends of all ranges are numbered in order; 2i stands for the i-th value, 2i +
 * 1 for what lies between it and the next. How many ranges cover each of these is summed up; a
 * range's depth is the largest sum within it, by a table of maxima of powers of two.
 */
final class Depth {
  private final List<KeyRange> ranges;
  private final List<Comparator<Object>> orders;
  private final int[] depths;

  private Depth(List<KeyRange> ranges, List<Comparator<Object>> orders) {
    this.ranges = ranges;
    this.orders = orders;
    this.depths = new int[ranges.size()];
  }

  /** For each range, the most ranges that lie over each other anywhere in it, itself included. */
  static int[] of(List<KeyRange> ranges, List<Comparator<Object>> orders) {
    Depth depth = new Depth(ranges, orders);
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < ranges.size(); i++) {
      all.add(i);
    }
    depth.measure(all, 0);
    return depth.depths;
  }

  private void measure(List<Integer> files, int column) {
    List<Integer> wide = new ArrayList<>();
    List<Integer> ended = new ArrayList<>();
    Map<Object, List<Integer>> points =
        column < orders.size() ? new TreeMap<>(orders.get(column)) : Map.of();
    for (int file : files) {
      KeyRange range = ranges.get(file);
      if (column >= orders.size() || column >= range.lows().size()) {
        ended.add(file);
      } else if (isPoint(range, column)) {
        points.computeIfAbsent(range.lows().get(column), v -> new ArrayList<>()).add(file);
      } else {
        wide.add(file);
      }
    }
    // Equal in all columns that are known: they touch.
    ended.forEach(file -> depths[file] = 1);
    points.values().forEach(same -> measure(same, column + 1));
    cover(wide, points, column);
  }

  private boolean isPoint(KeyRange range, int column) {
    return orders.get(column).compare(range.lows().get(column), range.highs().get(column)) == 0;
  }

  private void cover(List<Integer> wide, Map<Object, List<Integer>> points, int column) {
    if (wide.isEmpty()) {
      return;
    }
    TreeMap<Object, Integer> numbers = new TreeMap<>(orders.get(column));
    points.keySet().forEach(value -> numbers.put(value, 0));
    for (int file : wide) {
      numbers.put(ranges.get(file).lows().get(column), 0);
      numbers.put(ranges.get(file).highs().get(column), 0);
    }
    int next = 0;
    for (Map.Entry<Object, Integer> number : numbers.entrySet()) {
      number.setValue(2 * next++);
    }
    int[] slots = new int[2 * next];
    for (int file : wide) {
      slots[number(numbers, ranges.get(file).lows().get(column)) + 1]++;
      slots[number(numbers, ranges.get(file).highs().get(column))]--;
    }
    for (int i = 1; i < slots.length; i++) {
      slots[i] += slots[i - 1];
    }
    points.forEach(
        (value, same) -> {
          int slot = number(numbers, value);
          int over = slots[slot];
          slots[slot] += same.stream().mapToInt(file -> depths[file]).max().orElse(0);
          same.forEach(file -> depths[file] += over);
        });
    int[][] maxima = maxima(slots);
    for (int file : wide) {
      int from = number(numbers, ranges.get(file).lows().get(column)) + 1;
      depths[file] = max(maxima, from, number(numbers, ranges.get(file).highs().get(column)));
    }
  }

  private static int number(Map<Object, Integer> numbers, Object value) {
    return Objects.requireNonNull(numbers.get(value));
  }

  private static int[][] maxima(int[] slots) {
    int levels = 32 - Integer.numberOfLeadingZeros(slots.length);
    int[][] maxima = new int[levels][];
    maxima[0] = slots;
    for (int level = 1; level < levels; level++) {
      int half = 1 << (level - 1);
      int[] below = maxima[level - 1];
      int[] row = Arrays.copyOf(below, below.length - half);
      for (int i = 0; i < row.length; i++) {
        row[i] = Math.max(row[i], below[i + half]);
      }
      maxima[level] = row;
    }
    return maxima;
  }

  /** The largest of {@code [from, to)}, which is not empty. */
  private static int max(int[][] maxima, int from, int to) {
    int level = 31 - Integer.numberOfLeadingZeros(to - from);
    return Math.max(maxima[level][from], maxima[level][to - (1 << level)]);
  }
}
