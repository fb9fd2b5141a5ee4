package dev.firn.change;

import dev.firn.scan.Decoding;
import dev.firn.scan.plan.ManifestIndex;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Table;

/** The table that a change is made of, and the way that the change becomes part of it. */
public interface ChangeTarget {
  /** Returns {@code namespace.table}, for messages. */
  String name();

  /** Returns the table as it is now, for checks of names and types. */
  Table table();

  /** How files are decoded. */
  Decoding decoding();

  /** What files are planned from; borrowed. */
  ManifestIndex manifests();

  /** Lends memory for batches. */
  BufferAllocator allocator();

  /**
   * Runs the step and makes its change part of the table; after a conflict, runs it again on the
   * table as it is then. Returns the counts with the commit, where there was one.
   *
   * @param doing continues "Cannot …", as in {@code "update shop.orders"}
   */
  ChangeReceipt apply(String doing, ChangeStep step);
}
