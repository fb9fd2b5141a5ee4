package dev.firn.catalog.commit;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One table's queue of commits in this process: first in, first out, one group at a time, and
 * sections in which no group runs. Thread-safe. Costs no thread while nothing is due.
 *
 * <p>How it works: whatever changes the state calls {@link #next}, which starts the one thing that
 * may start. A group and a section take turns where both wait, so that neither starves.
 */
final class Lane {
  /** How many members may wait; further ones wait to be let in. */
  static final int MOST_PENDING = 10_000;

  private static final int MOST_MEMBERS = 2_000;
  private static final int MOST_FILES = 20_000;

  /** What a lane needs from its owner. */
  interface Host {
    /** Runs a group, on a thread of the host's, and then {@code done}. */
    void start(Lane lane, List<Member> group);

    /** Calls {@link #wake} after a delay. */
    void wakeAfter(Lane lane, long nanos);

    /** Ends a section that has taken too long. */
    void endAfter(Hold hold, Duration atMost);

    /** The lane has nothing left to do, and takes nothing more. */
    void forget(Lane lane);
  }

  private final Host host;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final Condition idle = lock.newCondition();
  private final Deque<Member> pending = new ArrayDeque<>();
  private final Deque<Hold> waiting = new ArrayDeque<>();
  private @Nullable Hold holder;
  private boolean running;
  private boolean groupsTurn;
  private boolean closing;
  private boolean forgotten;
  private int files;
  private long wakeAt = Long.MAX_VALUE;

  Lane(Host host) {
    this(host, System::nanoTime);
  }

  /** By another clock than the system's, which members are due by. */
  Lane(Host host, LongSupplier nanoTime) {
    this.host = host;
    this.nanoTime = nanoTime;
  }

  /**
   * Puts a member at the end, waiting for room where {@value #MOST_PENDING} are before it. Returns
   * false where the lane has been forgotten: there is a new one.
   *
   * @throws CancellationException where the thread is interrupted while it waits for room; the
   *     member is not in the lane, and the thread's flag is set
   */
  boolean put(Member member) {
    lock.lock();
    try {
      awaitWhile(room, () -> pending.size() >= MOST_PENDING && !closing);
      if (forgotten) {
        return false;
      }
      requireOpen();
      add(member, false);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Ends a section and puts a member before all others; as {@link #put} where it has ended. */
  boolean putAfter(Hold hold, Member member) {
    lock.lock();
    try {
      if (holder != hold) {
        waiting.remove(hold);
        return put(member);
      }
      holder = null;
      groupsTurn = true;
      add(member, true);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void add(Member member, boolean first) {
    if (first) {
      pending.addFirst(member);
    } else {
      pending.addLast(member);
    }
    files += member.files();
    next();
  }

  /** Takes a member out again; returns false where its commit has begun. */
  boolean withdraw(Member member) {
    lock.lock();
    try {
      if (!pending.remove(member)) {
        return false;
      }
      files -= member.files();
      room.signalAll();
      next();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Begins a section, and waits until it has begun. Returns null where the lane has been forgotten.
   *
   * @param atMost when it ends by itself; null: never
   * @throws CancellationException where the thread is interrupted
   */
  @Nullable Hold hold(@Nullable Duration atMost) {
    lock.lock();
    try {
      if (forgotten) {
        return null;
      }
      requireOpen();
      Hold hold = new Hold(this, lock.newCondition(), atMost);
      waiting.addLast(hold);
      next();
      try {
        awaitWhile(hold.granted, () -> !hold.begun);
      } catch (CancellationException e) {
        waiting.remove(hold);
        release(hold);
        throw e;
      }
      return hold;
    } finally {
      lock.unlock();
    }
  }

  void release(Hold hold) {
    lock.lock();
    try {
      if (holder == hold) {
        holder = null;
        groupsTurn = true;
        next();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Returns how many sections have not begun yet. */
  int sectionsWaiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  void wake() {
    lock.lock();
    try {
      wakeAt = Long.MAX_VALUE;
      next();
    } finally {
      lock.unlock();
    }
  }

  /** A group has ended. */
  void done() {
    lock.lock();
    try {
      running = false;
      groupsTurn = false;
      next();
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more members, and waits until those that are there have their outcome. */
  void close() {
    lock.lock();
    try {
      closing = true;
      room.signalAll();
      next();
      while (running || !pending.isEmpty()) {
        idle.awaitUninterruptibly();
      }
      forget();
    } finally {
      lock.unlock();
    }
  }

  private void next() {
    if (running || holder != null) {
      return;
    }
    boolean due = isDue();
    if (!waiting.isEmpty() && !(due && groupsTurn)) {
      begin(waiting.removeFirst());
    } else if (due) {
      running = true;
      host.start(this, take());
    } else if (!pending.isEmpty()) {
      wakeWhenDue();
    } else {
      forget();
    }
  }

  private void forget() {
    if (!forgotten) {
      forgotten = true;
      idle.signalAll();
      host.forget(this);
    }
  }

  private void begin(Hold hold) {
    holder = hold;
    hold.begun = true;
    hold.granted.signal();
    if (hold.atMost != null) {
      host.endAfter(hold, hold.atMost);
    }
  }

  private boolean isDue() {
    return !pending.isEmpty()
        && (closing
            || pending.size() >= MOST_MEMBERS
            || files >= MOST_FILES
            || earliest() - nanoTime.getAsLong() <= 0);
  }

  private long earliest() {
    long now = nanoTime.getAsLong();
    long wait = Long.MAX_VALUE;
    for (Member member : pending) {
      wait = Math.min(wait, member.due() - now);
      if (wait <= 0) {
        break;
      }
    }
    return now + wait;
  }

  private void wakeWhenDue() {
    long at = earliest();
    if (wakeAt == Long.MAX_VALUE || at - wakeAt < 0) {
      wakeAt = at;
      host.wakeAfter(this, at - nanoTime.getAsLong());
    }
  }

  private List<Member> take() {
    List<Member> group = new ArrayList<>();
    int taken = 0;
    while (!pending.isEmpty() && group.size() < MOST_MEMBERS && taken < MOST_FILES) {
      Member member = pending.removeFirst();
      taken += member.files();
      group.add(member);
    }
    files -= taken;
    room.signalAll();
    return group;
  }

  private void requireOpen() {
    if (closing) {
      throw new FirnException(
          ErrorKind.UNAVAILABLE, "Cannot commit: the catalog has been closed; open it again");
    }
  }

  private static void awaitWhile(Condition condition, BooleanSupplier waits) {
    try {
      while (waits.getAsBoolean()) {
        condition.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      CancellationException cancelled =
          new CancellationException("Cannot wait for the lane: the thread was interrupted");
      cancelled.initCause(e);
      throw cancelled;
    }
  }

  /**
   * A section in which no group of the lane starts. Ends at {@link #close}, which may be repeated.
   */
  static final class Hold implements AutoCloseable {
    private final Lane lane;
    private final Condition granted;
    private final @Nullable Duration atMost;
    private boolean begun;

    private Hold(Lane lane, Condition granted, @Nullable Duration atMost) {
      this.lane = lane;
      this.granted = granted;
      this.atMost = atMost;
    }

    Lane lane() {
      return lane;
    }

    @Override
    public void close() {
      lane.release(this);
    }
  }
}
