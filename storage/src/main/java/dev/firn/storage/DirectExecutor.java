package dev.firn.storage;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * An executor that runs every task in the thread that submits it, so that Iceberg's planning and
 * commits stay out of its static pools, and wait for nothing: {@code Tasks} polls futures that are
 * not done every ten milliseconds. Stateless; cannot be shut down.
 */
public final class DirectExecutor extends AbstractExecutorService {
  /** The only one. */
  public static final DirectExecutor INSTANCE = new DirectExecutor();

  private DirectExecutor() {}

  @Override
  public void execute(Runnable command) {
    command.run();
  }

  @Override
  public void shutdown() {}

  @Override
  public List<Runnable> shutdownNow() {
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return true;
  }
}
