package dev.firn.keyindex;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;

/**
 * All entries of the index, in runs that are merged as they become many: at most three of one order
 * of magnitude, each four times the one before. Confined to one thread. Owns the runs.
 */
final class KeyRuns implements AutoCloseable {
  private static final int FANOUT = 4;
  private static final long SMALLEST = 4096;

  /** Entries that are sorted at once by a merge. */
  private static final long STRIPE = 4096;

  private final RunMemory memory;
  private final long slabBytes;
  private final List<Run> runs = new ArrayList<>();
  private final HashSort sort = new HashSort();

  KeyRuns(RunMemory memory, long slabBytes) {
    this.memory = memory;
    this.slabBytes = slabBytes;
  }

  List<Run> runs() {
    return Collections.unmodifiableList(runs);
  }

  long entries() {
    return runs.stream().mapToLong(Run::entries).sum();
  }

  /** Takes the runs. */
  void add(Collection<Run> more) {
    runs.addAll(more);
  }

  /** Looks for {@code hashes}, which ascend, each with a number; adds rows and these numbers. */
  void find(Pairs hashesAndKeys, Pairs rowsAndKeys) {
    for (Run run : runs) {
      run.find(hashesAndKeys, rowsAndKeys);
    }
  }

  /**
   * Merges where runs have become too many. {@code dead} is asked, before each merge, for the rows
   * to drop.
   */
  void compact(Supplier<DeadRows> dead) {
    List<Run> merging = tooMany();
    while (!merging.isEmpty()) {
      replace(merging, merge(merging, dead.get()));
      merging = tooMany();
    }
  }

  private void replace(List<Run> inputs, Run merged) {
    runs.removeAll(inputs);
    inputs.forEach(Run::close);
    runs.add(merged.promoted());
  }

  private List<Run> tooMany() {
    for (int rank = 0; rank < Long.SIZE; rank++) {
      int wanted = rank;
      List<Run> alike = runs.stream().filter(run -> rank(run) == wanted).toList();
      if (alike.size() >= FANOUT) {
        // What is smaller goes along: it would be merged soon, and costs little.
        return runs.stream().filter(run -> rank(run) <= wanted).toList();
      }
    }
    return List.of();
  }

  private static int rank(Run run) {
    int rank = 0;
    for (long size = SMALLEST; run.entries() >= size; size *= FANOUT) {
      rank++;
    }
    return rank;
  }

  private Run merge(List<Run> inputs, DeadRows dead) {
    long most = inputs.stream().mapToLong(Run::entries).sum();
    long first = inputs.stream().mapToLong(run -> run.shape().firstRow()).min().orElse(0);
    long last = inputs.stream().mapToLong(run -> run.shape().lastRow()).max().orElse(0);
    RunShape shape = RunShape.of(most, first, last, slabBytes);
    int bits = 0;
    while (most >>> bits > STRIPE) {
      bits++;
    }
    List<RunCursor> cursors = inputs.stream().map(RunCursor::new).toList();
    Pairs stripe = new Pairs((int) Math.min(most, 2 * STRIPE));
    try (RunBuilder builder = new RunBuilder(memory, shape, most)) {
      for (long i = 0; i < 1L << bits; i++) {
        long end = bits == 0 ? -1 : ((i + 1) << (Long.SIZE - bits)) - 1;
        stripe.size = 0;
        for (RunCursor cursor : cursors) {
          cursor.take(end, dead, stripe);
        }
        sort.sort(stripe.hashes, stripe.rows, stripe.size, Long.SIZE - bits);
        for (int j = 0; j < stripe.size; j++) {
          builder.add(stripe.hashes[j], stripe.rows[j]);
        }
      }
      return builder.build();
    }
  }

  @Override
  public void close() {
    runs.forEach(Run::close);
    runs.clear();
  }
}
