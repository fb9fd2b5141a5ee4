package dev.firn.testing.s3;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Pieces of memory, used again and again, so that bodies cost no garbage. Thread-safe. */
final class Pieces {
  static final int SIZE = 64 << 10;
  private static final int MOST_KEPT = 1024;

  private final ConcurrentLinkedQueue<byte[]> kept = new ConcurrentLinkedQueue<>();
  private final AtomicInteger count = new AtomicInteger();

  byte[] take() {
    byte[] piece = kept.poll();
    if (piece == null) {
      return new byte[SIZE];
    }
    count.decrementAndGet();
    return piece;
  }

  void give(byte[] piece) {
    if (count.incrementAndGet() <= MOST_KEPT) {
      kept.add(piece);
    } else {
      count.decrementAndGet();
    }
  }
}
