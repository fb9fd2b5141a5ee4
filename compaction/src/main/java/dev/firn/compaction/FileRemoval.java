package dev.firn.compaction;

import java.time.Instant;
import java.util.List;

/** Decides when files that nothing in the table refers to any more are removed. */
@FunctionalInterface
public interface FileRemoval {
  /** At once, in the calling thread. */
  FileRemoval NOW = (replaced, files, removal) -> removal.run();

  /**
   * Takes a removal, to be run once, or never: the files then stay, unreachable.
   *
   * @param replaced until when the youngest of the snapshots that had the files was a branch's head
   *     at the latest; who began to read it then may not have finished
   * @param files their locations
   * @param removal removes them, and throws nothing
   */
  void remove(Instant replaced, List<String> files, Runnable removal);
}
