package dev.firn.keyindex;

/** Goes through the entries of a run by hash. Confined to one thread; borrows the run. */
final class RunCursor {
  private final Run run;
  private final RunShape shape;
  private int slab;
  private int bucket;
  private int entry;

  RunCursor(Run run) {
    this.run = run;
    this.shape = run.shape();
  }

  /**
   * Adds the next entries up to {@code last}, compared as unsigned, but for those of {@code dead}
   * rows.
   */
  void take(long last, DeadRows dead, Pairs target) {
    while (slab < shape.slabs()) {
      if (takeSlab(run.slab(slab), last, dead, target)) {
        return;
      }
      slab++;
      bucket = 0;
      entry = 0;
    }
  }

  /** Whether there are entries left in the slab, or may be. */
  private boolean takeSlab(Slab at, long last, DeadRows dead, Pairs target) {
    while (bucket < shape.buckets()) {
      long prefix = shape.prefix(slab, bucket);
      if (Long.compareUnsigned(prefix, last) > 0) {
        return true;
      }
      int end = at.start(bucket + 1);
      while (entry < end) {
        long hash = prefix | at.rest(entry);
        if (Long.compareUnsigned(hash, last) > 0) {
          return true;
        }
        long row = at.row(entry++);
        if (!dead.contains(row)) {
          target.add(hash, row);
        }
      }
      bucket++;
    }
    return false;
  }
}
