package dev.firn.storage.probe;

import dev.firn.storage.Store;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets some writers create one file at the same moment, a few times over: all but one must be told
 * that they lost, and the file must be the winner's. Immutable. Borrows the store.
 */
record CreateRace(Store store) {
  private static final int WRITERS = 8;
  private static final int ROUNDS = 5;
  private static final int MOST_SECONDS = 60;

  @Nullable String problem(String directory) throws Exception {
    ExecutorService threads =
        Executors.newFixedThreadPool(
            WRITERS,
            task -> {
              Thread thread = new Thread(task, "firn-check");
              thread.setDaemon(true);
              return thread;
            });
    try {
      for (int round = 0; round < ROUNDS; round++) {
        String problem = round(threads, directory + "/" + round);
        if (problem != null) {
          return problem;
        }
      }
      return null;
    } finally {
      threads.shutdownNow();
    }
  }

  private @Nullable String round(ExecutorService threads, String location) throws Exception {
    CyclicBarrier start = new CyclicBarrier(WRITERS);
    List<Callable<Boolean>> writers = new ArrayList<>();
    for (int writer = 0; writer < WRITERS; writer++) {
      ByteBuffer bytes = ByteBuffer.wrap(new byte[] {(byte) writer});
      writers.add(
          () -> {
            start.await(MOST_SECONDS, TimeUnit.SECONDS);
            return store.putIfAbsent(location, bytes);
          });
    }
    List<Integer> winners = new ArrayList<>();
    List<Future<Boolean>> results = threads.invokeAll(writers);
    for (int writer = 0; writer < WRITERS; writer++) {
      if (results.get(writer).get()) {
        winners.add(writer);
      }
    }
    if (winners.size() != 1) {
      return winners.size() + " writers were told that they created it";
    }
    try (InputStream in = store.newInputFile(location).newStream()) {
      return in.read() == winners.get(0) ? null : "the file is not the winner's";
    }
  }
}
