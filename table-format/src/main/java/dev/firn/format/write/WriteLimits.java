package dev.firn.format.write;

/**
 * What one writer may hold: bytes of rows and encoded pages together, and files open at once. A
 * file open alone may hold {@code soleFileBytes}, so that an unpartitioned table's row groups and
 * files are not cut short by a small heap's budget.
 */
record WriteLimits(long budgetBytes, long soleFileBytes, int openFiles) {
  private static final long MOST_BUDGET = 256L << 20;
  private static final int MOST_OPEN_FILES = 64;

  static WriteLimits ofHeap() {
    long heap = Runtime.getRuntime().maxMemory();
    long budget = Math.min(MOST_BUDGET, heap / 8);
    return new WriteLimits(budget, Math.max(budget, heap / 4), MOST_OPEN_FILES);
  }
}
