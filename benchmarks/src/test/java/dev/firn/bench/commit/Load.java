package dev.firn.bench.commit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.iceberg.exceptions.CommitFailedException;

/**
 * Writers that append one small file each, again and again, to one table: the next commit begins
 * when the last was acknowledged or failed. A file whose commit failed is not tried again.
 */
record Load(int writers, Duration warmUp, Duration measured) {
  /**
   * What came of it.
   *
   * @param perSecond acknowledgements in the measured time
   * @param failed commits that failed, warming up included
   * @param correct every acknowledged file is in the table once, and no other is, save those whose
   *     commits failed in a way that says nothing of the outcome
   */
  record Outcome(double perSecond, Latencies latencies, long failed, boolean correct) {}

  /** What one writer saw. */
  private record Seen(
      List<Long> nanos, Set<String> acknowledged, Set<String> doubtful, long failed) {}

  Outcome run(Committer side) throws Exception {
    long from = System.nanoTime() + warmUp.toNanos();
    long to = from + measured.toNanos();
    List<Future<Seen>> running = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    List<Seen> all = new ArrayList<>();
    try {
      for (int i = 0; i < writers; i++) {
        String name = "w" + i + "-";
        Committer.Writer writer = side.writer();
        running.add(threads.submit(() -> write(writer, name, from, to)));
      }
      for (Future<Seen> each : running) {
        all.add(each.get());
      }
    } finally {
      threads.shutdownNow();
    }
    Latencies latencies =
        Latencies.of(all.stream().flatMap(seen -> seen.nanos().stream()).toList());
    return new Outcome(
        latencies.count() / (measured.toNanos() / 1e9),
        latencies,
        all.stream().mapToLong(Seen::failed).sum(),
        agrees(side.paths(), all));
  }

  private static Seen write(Committer.Writer writer, String name, long from, long to) {
    Seen seen = new Seen(new ArrayList<>(), new HashSet<>(), new HashSet<>(), 0);
    long failed = 0;
    for (int i = 0; ; i++) {
      long start = System.nanoTime();
      if (start - to > 0) {
        return new Seen(seen.nanos(), seen.acknowledged(), seen.doubtful(), failed);
      }
      var file = Tables.file(name + i);
      try {
        writer.append(file);
        seen.acknowledged().add(file.location());
        long end = System.nanoTime();
        if (end - from > 0 && end - to <= 0) {
          seen.nanos().add(end - start);
        }
      } catch (CommitFailedException e) {
        failed++;
      } catch (RuntimeException e) {
        failed++;
        seen.doubtful().add(file.location());
      }
    }
  }

  private static boolean agrees(List<String> paths, List<Seen> all) {
    Set<String> there = new HashSet<>(paths);
    Set<String> expected = new HashSet<>();
    all.forEach(seen -> expected.addAll(seen.acknowledged()));
    boolean complete = there.containsAll(expected) && there.size() == paths.size();
    there.removeAll(expected);
    all.forEach(seen -> there.removeAll(seen.doubtful()));
    return complete && there.isEmpty();
  }
}
