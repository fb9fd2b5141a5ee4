package dev.firn;

import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.catalog.error.IcebergErrors;
import dev.firn.catalog.intent.WriteIntent;
import dev.firn.error.FirnException;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.io.FileIO;

/** Removes the files of a commit that surely was not applied. */
final class Uncommitted {
  private Uncommitted() {}

  /**
   * Removes the files, unless the failure leaves open whether they are part of the table by now.
   * What goes wrong meanwhile is added to {@code failure}, which is returned. {@code intent} is
   * told of what is gone, and forgotten where that is everything.
   */
  static FirnException remove(
      FileIO store,
      Collection<? extends ContentFile<?>> files,
      WriteIntent intent,
      FirnException failure) {
    if (failure.kind().nothingApplied()) {
      intent.discard(store, files, (location, e) -> failure.addSuppressed(e));
      intent.close();
    }
    return failure;
  }

  /**
   * Returns the commit with failures translated, and the files removed before one is told where
   * nothing was applied. {@code doing} continues "Cannot …".
   */
  static CompletableFuture<CommitReceipt> removeOnFailure(
      FileIO store,
      Collection<? extends ContentFile<?>> files,
      WriteIntent intent,
      String doing,
      CompletableFuture<CommitReceipt> commit) {
    return commit.exceptionallyCompose(
        e ->
            CompletableFuture.failedFuture(
                remove(store, files, intent, IcebergErrors.translate(doing, cause(e)))));
  }

  static RuntimeException cause(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof RuntimeException known ? known : new CompletionException(failure);
  }
}
