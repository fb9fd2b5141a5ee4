package dev.firn.cli.run;

/** Told how long work goes on; shows it, and ends it where the user asked to. */
public interface Progress extends AutoCloseable {
  /**
   * Called now and then from the working thread with running totals.
   *
   * @param done units of work done, of the total that the progress was made with
   * @throws InterruptedCommand where the command should stop
   */
  void update(long done, long rows, long bytes);

  @Override
  void close();
}
