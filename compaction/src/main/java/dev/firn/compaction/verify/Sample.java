package dev.firn.compaction.verify;

/** Which files are read: so many, evenly spread over all. Confined to one thread. */
final class Sample {
  private final long most;
  private final long allData;
  private final long allDeletes;
  private long data;
  private long deletes;

  Sample(long most, long allData, long allDeletes) {
    this.most = most;
    this.allData = allData;
    this.allDeletes = allDeletes;
  }

  /** Whether the next of its kind is one. */
  boolean take(boolean isData) {
    return isData ? take(data++, allData) : take(deletes++, allDeletes);
  }

  private boolean take(long index, long all) {
    return all <= most || (index + 1) * most / all > index * most / all;
  }
}
