package dev.firn.scan;

import dev.firn.error.FirnException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.FileScanTask;
import org.jspecify.annotations.Nullable;

/**
 * The batches of planned tasks, several of which are read at once, in plan order or as they come,
 * up to a limit of rows. Plans when first asked for a batch. Confined to one thread, which may be
 * another each time; its helpers are its own. Owns its allocator.
 *
 * <p>How it works: tasks that are read are lanes. The caller reads the first lane itself, in place;
 * helpers, on threads of the executor, read those behind it, a batch at a time, into the lanes'
 * queues, while the memory of all together is below a bound. A helper never waits: where there is
 * no room or no lane it ends, and the caller asks for another once there is. So scans that share an
 * executor cannot block each other, and without a thread the caller does everything. While its lane
 * is with a helper, the caller helps with another. A scan's only lane decodes its columns side by
 * side instead.
 *
 * <p>Where memory runs out, everything but the first lane is let go of, to be read again, and the
 * scan goes on with one lane at a time.
 */
final class ParallelBatches implements TaskBatches {
  /** What a file needs at first, before what it takes is seen. */
  private static final long OPENING_BYTES = 1L << 20;

  /** Files of which something is asked for before their turn, where a store answers late. */
  private static final int MOST_REMOTE = 8;

  private final FileTaskReader whole;
  private final FileTaskReader inline;
  private final SplitTasks tasks;
  private final BufferAllocator allocator;
  private final Executor executor;
  private final int mostHelpers;
  private final long mostBytes;
  private final boolean ordered;
  private final Cancellation cancellation;
  private final Object lock = new Object();
  private final Runnable wake = this::wake;

  // The caller's.
  private @Nullable RuntimeException planFailure;
  private @Nullable RuntimeException thrown;
  private long remaining;
  private int opened;
  private boolean allPlanned;
  private boolean answersLater;
  private @Nullable VectorSchemaRoot current;
  private @Nullable VectorSchemaRoot head;
  private @Nullable FileScanTask task;

  /** The lane whose cursor has the current batch. */
  private @Nullable Lane here;

  // Under the lock, but for what is volatile.
  private final Deque<Lane> lanes = new ArrayDeque<>();
  private int helpers;
  private boolean alone;
  private volatile boolean stopped;
  private boolean closed;

  /** Borrows {@code parent}, owns {@code tasks}. */
  ParallelBatches(
      FileTaskReader reader,
      SplitTasks tasks,
      BufferAllocator parent,
      Decoding how,
      ScanRequest request) {
    this.cancellation = request.cancellation();
    this.whole = reader.stoppedBy(() -> stopped || cancellation.isCancelled());
    this.inline = whole.inline();
    this.tasks = tasks;
    this.executor = how.executor();
    this.mostHelpers = Math.max(1, how.threads() - 1);
    this.ordered = request.arrival() == ScanRequest.Arrival.PLANNED;
    this.remaining = request.limit();
    this.allocator = parent.newChildAllocator("scan", 0, parent.getLimit());
    this.mostBytes = Math.min(how.aheadBytes(), parent.getHeadroom() / 4);
    cancellation.listen(wake);
  }

  @Override
  public boolean next() {
    letGo();
    if (thrown != null) {
      throw thrown;
    }
    if (remaining == 0) {
      stopped = true;
    }
    if (stopped) {
      return false;
    }
    try {
      if (!advance()) {
        return false;
      }
    } catch (RuntimeException e) {
      stopped = true;
      thrown = e;
      cancelledRather(e);
      throw e;
    }
    VectorSchemaRoot batch = root();
    int rows = batch.getRowCount();
    if (rows > remaining) {
      head = BatchSlice.of(batch, 0, (int) remaining);
    }
    remaining -= Math.min(rows, remaining);
    return true;
  }

  /** What readers throw once they are stopped is not the reason. */
  private void cancelledRather(RuntimeException failure) {
    if (cancellation.isCancelled()) {
      try {
        cancellation.check();
      } catch (FirnException e) {
        thrown = e;
        e.addSuppressed(failure);
        throw e;
      }
    }
  }

  private boolean advance() {
    while (true) {
      cancellation.check();
      fill();
      Turn turn = turn();
      if (turn == null) {
        if (current != null) {
          return true;
        }
        if (allPlanned && isEmpty()) {
          if (planFailure != null) {
            throw planFailure;
          }
          return false;
        }
      } else if (!turn.here()) {
        read(turn.lane());
      } else if (readHere(turn.lane())) {
        return true;
      }
    }
  }

  private boolean isEmpty() {
    synchronized (lock) {
      return lanes.isEmpty();
    }
  }

  // ---- lanes

  /** Begins as many tasks as are worth it, and asks for helpers. */
  private void fill() {
    while (!allPlanned && wantsMore()) {
      FileScanTask task = null;
      try {
        task = tasks.next();
      } catch (RuntimeException e) {
        planFailure = e;
      }
      if (task == null) {
        allPlanned = true;
      } else {
        opened++;
        synchronized (lock) {
          lanes.add(new Lane(task, allocator, remaining));
        }
      }
    }
    if (answersLater) {
      readAhead();
    }
    askForHelp();
  }

  private boolean wantsMore() {
    synchronized (lock) {
      if (lanes.isEmpty()) {
        return true;
      }
      int most = Math.max(2 * mostHelpers + 1, answersLater ? MOST_REMOTE : 0);
      if (alone || lanes.size() > most || held() >= mostBytes) {
        return false;
      }
      long rows = 0;
      for (Lane lane : lanes) {
        rows += lane.estimatedRows();
      }
      // A filter may leave less: the more files gave too little, the more are tried at once.
      return rows < remaining || (whole.filters() && lanes.size() < opened - lanes.size() + 1);
    }
  }

  /** What the lanes take, or will soon. */
  private long held() {
    long opening = lanes.stream().filter(lane -> lane.claimed && !lane.begun).count();
    return allocator.getAllocatedMemory() + opening * OPENING_BYTES;
  }

  /** Lets the store fetch for lanes that nobody reads yet. */
  private void readAhead() {
    List<Lane> waiting = new ArrayList<>();
    synchronized (lock) {
      if (alone) {
        return;
      }
      for (Lane lane : lanes) {
        if (lane.free() && !lane.begun) {
          lane.claimed = true;
          waiting.add(lane);
        }
      }
    }
    for (Lane lane : waiting) {
      lane.prefetch(inline, mostBytes - allocator.getAllocatedMemory());
    }
    synchronized (lock) {
      waiting.forEach(lane -> lane.claimed = false);
      lock.notifyAll();
    }
  }

  private record Turn(Lane lane, boolean here) {}

  /**
   * What the caller is to read, its own lane or another; null where {@link #current} is there now,
   * or no lane is left.
   */
  private @Nullable Turn turn() {
    synchronized (lock) {
      while (true) {
        cancellation.check();
        Lane free = null;
        for (Iterator<Lane> all = lanes.iterator(); all.hasNext(); ) {
          Lane lane = all.next();
          current = lane.poll();
          if (current != null) {
            task = lane.task();
            return null;
          }
          rethrow(lane.failure);
          if (lane.ended) {
            all.remove();
            continue;
          }
          free = free == null && lane.free() ? lane : free;
          if (ordered) {
            break;
          }
        }
        boolean mine = free != null;
        Lane lane = mine ? free : idle();
        if (lane != null) {
          lane.claimed = true;
          return new Turn(lane, mine);
        }
        if (lanes.isEmpty()) {
          return null;
        }
        await();
      }
    }
  }

  private static void rethrow(@Nullable Throwable failure) {
    if (failure instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (failure instanceof Error error) {
      throw error;
    }
  }

  /** To be called in a loop. */
  @SuppressWarnings("WaitNotInLoop")
  private void await() {
    try {
      lock.wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw FirnException.unavailable("Cannot go on with the scan: it was interrupted", e);
    }
  }

  private void wake() {
    synchronized (lock) {
      lock.notifyAll();
    }
  }

  // ---- reading

  /** Reads a batch that is used where it is. The lane stays claimed while it is. */
  @SuppressWarnings("CatchingUnchecked")
  private boolean readHere(Lane lane) {
    boolean sole;
    synchronized (lock) {
      sole = lanes.size() == 1;
    }
    boolean more;
    try {
      more = lane.next(sole ? whole : inline);
      answersLater = answersLater || lane.answersLater();
    } catch (RuntimeException | Error e) {
      boolean again = ReadFailures.isOutOfMemory(e) && shrink(lane);
      release(lane, again ? null : e);
      if (again) {
        return false;
      }
      throw e;
    }
    if (!more) {
      end(lane);
      return false;
    }
    synchronized (lock) {
      lane.begun = true;
      lane.delivered(lane.root().getRowCount());
    }
    here = lane;
    current = lane.root();
    task = lane.task();
    return true;
  }

  /** Lets go of all that is held but for the caller's sake; false where that is nothing. */
  private boolean shrink(Lane mine) {
    synchronized (lock) {
      alone = true;
      boolean freed = false;
      for (Lane lane : lanes) {
        while (lane != mine && lane.claimed) {
          await();
        }
        if (lane != mine && lane.holdsMemory()) {
          lane.reset();
          freed = true;
        }
      }
      mine.reset();
      return freed;
    }
  }

  /** Reads a batch that waits in its lane. */
  @SuppressWarnings("CatchingUnchecked")
  private void read(Lane lane) {
    VectorSchemaRoot batch = null;
    try {
      if (lane.next(inline)) {
        batch = BatchSlice.taken(lane.root(), allocator);
      }
    } catch (RuntimeException | Error e) {
      boolean later = ReadFailures.isOutOfMemory(e);
      if (later) {
        synchronized (lock) {
          alone = true;
          lane.reset();
        }
      }
      release(lane, later ? null : e);
      return;
    }
    if (batch == null) {
      end(lane);
      return;
    }
    synchronized (lock) {
      lane.begun = true;
      lane.add(batch);
    }
    release(lane, null);
  }

  private void end(Lane lane) {
    RuntimeException failure = null;
    try {
      lane.closeCursor();
    } catch (RuntimeException e) {
      failure = e;
    }
    synchronized (lock) {
      lane.ended = true;
    }
    release(lane, failure);
  }

  private void release(Lane lane, @Nullable Throwable failure) {
    synchronized (lock) {
      lane.failure = failure;
      lane.claimed = false;
      lock.notifyAll();
    }
  }

  // ---- helpers

  private void askForHelp() {
    int wanted;
    synchronized (lock) {
      int idle = 0;
      if (idle() != null) {
        for (Lane lane : lanes) {
          idle += lane.free() ? 1 : 0;
        }
      }
      wanted = Math.min(mostHelpers - helpers, idle);
      helpers += Math.max(0, wanted);
    }
    for (int i = 0; i < wanted; i++) {
      try {
        executor.execute(this::help);
      } catch (RejectedExecutionException e) {
        synchronized (lock) {
          helpers -= wanted - i; // full, or closed: the caller goes on alone
        }
        return;
      }
    }
  }

  private void help() {
    while (true) {
      Lane lane;
      synchronized (lock) {
        lane = idle();
        if (lane == null) {
          helpers--;
          return;
        }
        lane.claimed = true;
      }
      read(lane);
    }
  }

  /** The first lane that may be read ahead; null: none, or there is no room. */
  private @Nullable Lane idle() {
    if (stopped || alone || held() >= mostBytes) {
      return null;
    }
    boolean first = true;
    for (Lane lane : lanes) {
      if (lane.failure != null) {
        return null; // nobody will get beyond it
      }
      if (lane.free() && !(ordered && first)) {
        return lane;
      }
      first = false;
    }
    return null;
  }

  // ---- the current batch

  @Override
  public VectorSchemaRoot root() {
    VectorSchemaRoot batch = head == null ? current : head;
    if (batch == null) {
      throw new IllegalStateException("there is no batch");
    }
    return batch;
  }

  @Override
  public FileScanTask task() {
    FileScanTask of = task;
    if (of == null) {
      throw new IllegalStateException("there is no batch");
    }
    return of;
  }

  private void letGo() {
    VectorSchemaRoot cut = head;
    VectorSchemaRoot batch = current;
    Lane lane = here;
    head = null;
    current = null;
    here = null;
    if (cut != null) {
      cut.close();
    }
    if (lane != null) {
      release(lane, null);
    } else if (batch != null) {
      batch.close();
    }
  }

  /** Returns once no helper is at work any more, which stop at their next rows. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    stopped = true;
    cancellation.forget(wake);
    letGo();
    awaitHelpers();
    RuntimeException failure = null;
    for (Lane lane : lanes) {
      try {
        lane.reset();
      } catch (RuntimeException e) {
        failure = e;
      }
    }
    lanes.clear();
    try (allocator;
        tasks) {
      if (failure != null) {
        throw failure;
      }
    }
  }

  private void awaitHelpers() {
    boolean interrupted = false;
    synchronized (lock) {
      while (lanes.stream().anyMatch(lane -> lane.claimed)) {
        try {
          lock.wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
