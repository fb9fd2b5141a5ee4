package dev.firn.cli.run;

/** Told how long work goes on; shows it, and ends it where the user asked to. */
public interface Progress extends AutoCloseable {
  /**
   * Called now and then from the working thread with running totals.
   *
   * @param doneBytes of the total that the progress was made with
   * @param rows done
   * @throws InterruptedCommand where the command should stop
   */
  void update(long doneBytes, long rows);

  @Override
  void close();
}
