package dev.firn.format.parquet.read;

import java.util.concurrent.atomic.AtomicLong;

/** What a read looked at so far. Thread-safe: columns may decode on several threads. */
final class Counts {
  final AtomicLong rowGroups = new AtomicLong();
  final AtomicLong rowGroupsSkipped = new AtomicLong();
  final AtomicLong rowsDecoded = new AtomicLong();
  final AtomicLong pagesDecoded = new AtomicLong();
  final AtomicLong pagesSkipped = new AtomicLong();
  final AtomicLong bytesRead = new AtomicLong();
  final AtomicLong rereads = new AtomicLong();

  ReadCounters snapshot() {
    return new ReadCounters(
        rowGroups.intValue(),
        rowGroupsSkipped.intValue(),
        rowsDecoded.get(),
        pagesDecoded.get(),
        pagesSkipped.get(),
        bytesRead.get(),
        rereads.get());
  }
}
