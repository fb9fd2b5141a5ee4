package dev.firn.bench.measure;

/** A set of comparisons that run together in one JVM. */
public interface Suite {
  String name();

  /** What it answers, in one line. */
  String question();

  void run(Run run) throws Exception;
}
