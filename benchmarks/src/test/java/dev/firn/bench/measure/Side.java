package dev.firn.bench.measure;

/** One side of a comparison: does the whole work once, and times the part of it that counts. */
@FunctionalInterface
public interface Side {
  void run(Stopwatch watch) throws Exception;

  /** Work that is timed from beginning to end. */
  static Side timed(Work work) {
    return watch -> {
      watch.start();
      work.run();
      watch.stop();
    };
  }

  /** Something to do. */
  @FunctionalInterface
  interface Work {
    void run() throws Exception;
  }
}
