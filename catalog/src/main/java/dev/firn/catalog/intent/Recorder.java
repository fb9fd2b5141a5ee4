package dev.firn.catalog.intent;

import dev.firn.catalog.jdbc.Intents;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Records what all writers of a process are about to create: those that come while a transaction is
 * under way share the next one. Thread-safe; the work is done by the callers' threads.
 */
final class Recorder {
  private static final int MOST = 256;

  private final Intents intents;
  private final Deque<Pending> queue = new ArrayDeque<>();
  private final ReentrantLock turn = new ReentrantLock();

  Recorder(Intents intents) {
    this.intents = intents;
  }

  private static final class Pending {
    final Intents.Entry entry;
    boolean done;
    boolean refused;
    @Nullable RuntimeException failure;

    Pending(Intents.Entry entry) {
      this.entry = entry;
    }
  }

  /**
   * Records the entry durably; false where it is refused. A writer that shares a transaction which
   * fails gets that failure: nothing was created yet.
   */
  boolean record(Intents.Entry entry) {
    Pending mine = new Pending(entry);
    synchronized (queue) {
      queue.add(mine);
    }
    turn.lock();
    try {
      while (!mine.done) {
        drain();
      }
    } finally {
      turn.unlock();
    }
    if (mine.failure != null) {
      throw mine.failure;
    }
    return !mine.refused;
  }

  private void drain() {
    List<Pending> group = next();
    try {
      Set<UUID> refused = intents.record(group.stream().map(each -> each.entry).toList());
      group.forEach(each -> each.refused = refused.contains(each.entry.intent()));
    } catch (RuntimeException e) {
      group.forEach(each -> each.failure = e);
    } finally {
      group.forEach(each -> each.done = true);
    }
  }

  private List<Pending> next() {
    List<Pending> group = new ArrayList<>();
    synchronized (queue) {
      while (group.size() < MOST && !queue.isEmpty()) {
        group.add(queue.remove());
      }
    }
    return group;
  }
}
