package dev.firn.compaction;

import dev.firn.compaction.plan.Clustering;
import dev.firn.compaction.plan.Criteria;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;

/**
 * What a compaction was asked for. Immutable.
 *
 * @param filter only files that may hold matching rows
 * @param properties asked instead of the table's, by the names that these have
 * @param everything whether all files are rewritten
 * @param clustering in which order rows come out
 * @param budget what a run may spend
 * @param progress is told how a run goes on
 * @param beforeCommit runs before each attempt to commit
 */
record CompactionOptions(
    Expression filter,
    Map<String, String> properties,
    boolean everything,
    Function<Table, Clustering> clustering,
    Budget budget,
    CompactionProgress progress,
    Runnable beforeCommit) {

  static final CompactionOptions DEFAULT =
      new CompactionOptions(
          Expressions.alwaysTrue(),
          Map.of(),
          false,
          table -> Clustering.AS_TABLE,
          Budget.NONE,
          (bytesDone, bytesTotal, rows) -> {},
          () -> {});

  CompactionOptions {
    properties = Map.copyOf(properties);
  }

  /**
   * What a run may spend; each limit may be left out.
   *
   * @param bytes of the sources
   * @param time from the start of the run to the last group's end, about
   * @param threads that work
   * @param bytesPerSecond of the sources
   * @param groupsPerCommit after how many groups it commits
   * @param bytesPerCommit after how many bytes of sources it commits
   */
  record Budget(
      long bytes,
      @Nullable Duration time,
      int threads,
      long bytesPerSecond,
      int groupsPerCommit,
      long bytesPerCommit) {
    static final Budget NONE =
        new Budget(
            Long.MAX_VALUE,
            null,
            Runtime.getRuntime().availableProcessors(),
            Long.MAX_VALUE,
            Integer.MAX_VALUE,
            Long.MAX_VALUE);
  }

  /** As asked, else as the table's properties say; no group is larger than the budget. */
  Criteria criteria(Table table) {
    Map<String, String> all = new HashMap<>(table.properties());
    all.putAll(properties);
    Criteria criteria = Criteria.of(all).within(budget.bytes());
    return everything ? criteria.ofEverything() : criteria;
  }

  CompactionOptions filter(Expression newFilter) {
    return new CompactionOptions(
        newFilter, properties, everything, clustering, budget, progress, beforeCommit);
  }

  CompactionOptions property(String name, Object value) {
    Map<String, String> more = new HashMap<>(properties);
    more.put(Criteria.PREFIX + name, value.toString());
    return new CompactionOptions(
        filter, more, everything, clustering, budget, progress, beforeCommit);
  }

  CompactionOptions ofEverything() {
    return new CompactionOptions(
        filter, properties, true, clustering, budget, progress, beforeCommit);
  }

  CompactionOptions clustering(Function<Table, Clustering> asked) {
    return new CompactionOptions(
        filter, properties, everything, asked, budget, progress, beforeCommit);
  }

  CompactionOptions budget(Budget newBudget) {
    return new CompactionOptions(
        filter, properties, everything, clustering, newBudget, progress, beforeCommit);
  }

  CompactionOptions progress(CompactionProgress told) {
    return new CompactionOptions(
        filter, properties, everything, clustering, budget, told, beforeCommit);
  }

  CompactionOptions beforeCommit(Runnable hook) {
    return new CompactionOptions(
        filter, properties, everything, clustering, budget, progress, hook);
  }
}
