package dev.firn.catalog.commit;

import dev.firn.catalog.error.IcebergErrors;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Waits for commits. Stateless. */
public final class Futures {
  private Futures() {}

  /** Waits for the outcome, interrupted or not: a commit under way cannot be called back. */
  public static <T> T await(CompletableFuture<T> commit) {
    try {
      return commit.join();
    } catch (CompletionException e) {
      throw IcebergErrors.translate(
          "commit",
          e.getCause() instanceof RuntimeException cause ? cause : new RuntimeException(e));
    }
  }
}
