package dev.firn;

import dev.firn.error.FirnException;
import java.util.Collection;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.io.FileIO;

/** Removes the files of a commit that surely was not applied. */
final class Uncommitted {
  private Uncommitted() {}

  /**
   * Removes the files, unless the failure leaves open whether they are part of the table by now.
   * What goes wrong meanwhile is added to {@code failure}, which is returned.
   */
  static FirnException remove(
      FileIO store, Collection<? extends ContentFile<?>> files, FirnException failure) {
    switch (failure.kind()) {
      case COMMIT_STATE_UNKNOWN, INTERNAL -> {}
      case INVALID, NOT_FOUND, ALREADY_EXISTS, CONFLICT, CORRUPT, UNAVAILABLE -> {
        for (ContentFile<?> file : files) {
          try {
            store.deleteFile(file.location());
          } catch (RuntimeException e) {
            failure.addSuppressed(e);
          }
        }
      }
    }
    return failure;
  }
}
