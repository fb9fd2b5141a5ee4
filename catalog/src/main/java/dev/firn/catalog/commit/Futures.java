package dev.firn.catalog.commit;

import dev.firn.catalog.error.IcebergErrors;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Waits for commits. Stateless. */
public final class Futures {
  private Futures() {}

  /**
   * Waits for the outcome. A thread that is interrupted withdraws the change where its commit has
   * not begun; where it has, waits on: a commit under way cannot be called back. Either way the
   * thread's flag is set when this returns.
   *
   * @throws CancellationException where it was withdrawn: nothing was applied, and nothing will be
   */
  public static <T> T await(CompletableFuture<T> commit) {
    try {
      return awaitRaw(commit);
    } catch (CancellationException e) {
      throw e;
    } catch (RuntimeException e) {
      throw IcebergErrors.translate("commit", e);
    }
  }

  /** As {@link #await}, but throws what the commit was failed with, as it is. */
  static <T> T awaitRaw(CompletableFuture<T> commit) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return commit.get();
        } catch (InterruptedException e) {
          interrupted = true;
          if (commit.cancel(true)) {
            throw new CancellationException(
                "Cannot wait for the commit: the thread was interrupted; nothing was applied");
          }
        }
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
