package dev.firn.scan;

import dev.firn.error.FirnException;
import java.io.FileNotFoundException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NotAuthorizedException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.ServiceFailureException;
import org.jspecify.annotations.Nullable;

/**
 * The one translator from what Iceberg's readers throw to {@link FirnException}. A file that the
 * snapshot names and that is not there, or does not decode, is corrupt; a store that does not
 * answer is unavailable.
 */
final class ReadFailures {
  private ReadFailures() {}

  /** Returns the exception to throw for a failure while reading {@code file} of {@code table}. */
  static FirnException of(RuntimeException failure, String what, String file, String table) {
    if (failure instanceof FirnException known) {
      return known;
    }
    String where = " [" + file + " of table " + table + "]";
    if (anyCause(failure, ReadFailures::isMissing)) {
      return FirnException.corrupt(
          "Cannot read "
              + what
              + ": the snapshot names a file that does not exist; restore it, or roll back to a"
              + " snapshot without it"
              + where,
          failure);
    }
    if (anyCause(failure, ReadFailures::isUnreachable)) {
      return FirnException.unavailable(
          "Cannot read " + what + ": the store does not answer: " + rootMessage(failure) + where,
          failure);
    }
    return FirnException.corrupt(
        "Cannot read "
            + what
            + ": its content does not decode: "
            + rootMessage(failure)
            + "; restore the file, or roll back to a snapshot without it"
            + where,
        failure);
  }

  private static boolean isMissing(Throwable cause) {
    return cause instanceof NotFoundException
        || cause instanceof FileNotFoundException
        || cause instanceof NoSuchFileException;
  }

  private static boolean isUnreachable(Throwable cause) {
    return cause instanceof SocketException
        || cause instanceof UnknownHostException
        || cause instanceof InterruptedIOException
        || cause instanceof AccessDeniedException
        || cause instanceof ForbiddenException
        || cause instanceof NotAuthorizedException
        || cause instanceof ServiceFailureException
        // The SDK is not a dependency of this module: its exceptions are known by name.
        || cause.getClass().getName().startsWith("software.amazon.awssdk.");
  }

  private static boolean anyCause(Throwable failure, java.util.function.Predicate<Throwable> test) {
    int depth = 0;
    for (@Nullable Throwable at = failure; at != null && depth < 20; at = at.getCause()) {
      if (test.test(at)) {
        return true;
      }
      depth++;
    }
    return false;
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    for (int depth = 0; root.getCause() != null && depth < 20; depth++) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return message == null ? root.getClass().getSimpleName() : message;
  }
}
