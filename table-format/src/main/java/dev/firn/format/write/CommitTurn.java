package dev.firn.format.write;

import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;

/**
 * Operations of a table whose commits take turns, so that a writer that has lost a turn can ask for
 * the next one: what it reads then, it can commit on.
 */
public interface CommitTurn {
  /**
   * Lets nobody of this process commit from the next refresh through these operations to the next
   * commit through them, or until it is released, but no longer than some seconds. That refresh
   * waits for changes that others have begun to make of what they saw, where they began a moment
   * ago: they would be in vain.
   */
  void claim();

  /** Gives back what was claimed and has not been used. Idempotent. */
  void release();

  /**
   * Begins a change of what the table's next refresh will show. Where another has claimed the turn
   * this waits until it is over, a second at most: what is seen before is about to change.
   */
  Look look();

  /** As {@link #look()}, where commits to the table take turns; else nothing waits for it. */
  static Look look(Table table) {
    return table instanceof HasTableOperations has && has.operations() instanceof CommitTurn turn
        ? turn.look()
        : () -> {};
  }

  /** A change that is being made. Ends when closed, which may be repeated. */
  interface Look extends AutoCloseable {
    @Override
    void close();
  }
}
