package dev.firn.it.history;

/** Something in a history that must not be. */
record Anomaly(Kind kind, String what) {
  enum Kind {
    /** A read lacks an element that was in the version that it read. */
    LOST,
    /** A read has an element of a transaction that was not applied. */
    DIRTY_READ,
    /** A read has an element that nobody wrote, or that was written to a later version. */
    FROM_NOWHERE,
    /** A read has an element twice. */
    DUPLICATE,
    /** A transaction read one table in two versions. */
    NON_REPEATABLE_READ,
    /** Two transactions replaced the same version, though each asked that it be unchanged. */
    LOST_UPDATE,
    /**
     * No order of the transactions explains what they saw, and keeps those that did not overlap.
     */
    CYCLE
  }
}
