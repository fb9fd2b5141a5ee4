package dev.firn.scan;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.io.FileNotFoundException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CancellationException;
import java.util.function.Predicate;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NotAuthorizedException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.ServiceFailureException;
import org.jspecify.annotations.Nullable;

/**
 * The one translator from what readers throw to {@link FirnException}. A file that the snapshot
 * names and that is not there, or does not decode, is corrupt; a store that fails or does not
 * answer is unavailable; memory that does not suffice is invalid.
 */
final class ReadFailures {
  private static final String REMEDY = "; restore the file, or roll back to a snapshot without it";

  private ReadFailures() {}

  /** Returns the exception to throw for a failure while reading {@code file} of {@code table}. */
  static FirnException of(RuntimeException failure, String what, String file, String table) {
    String where = " [" + file + " of table " + table + "]";
    String cannot = "Cannot read " + what + ": ";
    if (failure instanceof FirnException known && names(known, table)) {
      return known;
    }
    if (anyCause(failure, ReadFailures::isMissing)) {
      return FirnException.corrupt(
          cannot
              + "the snapshot names a file that does not exist; restore it, or roll back to a"
              + " snapshot without it"
              + where,
          failure);
    }
    if (failure instanceof FirnException known) {
      return ofTable(known, table);
    }
    if (anyCause(failure, CancellationException.class::isInstance)) {
      return FirnException.unavailable(cannot + "the scan was stopped" + where, failure);
    }
    if (isOutOfMemory(failure)) {
      return new FirnException(
          ErrorKind.INVALID,
          cannot
              + "its batches do not fit the memory allowed: "
              + failure.getMessage()
              + "; allow more, or read fewer columns or smaller batches"
              + where,
          failure);
    }
    if (anyCause(failure, ReadFailures::isUnreachable)) {
      return FirnException.unavailable(
          cannot + "the store does not answer: " + rootMessage(failure) + where, failure);
    }
    return FirnException.corrupt(
        cannot + "its content does not decode: " + rootMessage(failure) + REMEDY + where, failure);
  }

  static boolean isOutOfMemory(Throwable failure) {
    return anyCause(failure, OutOfMemoryException.class::isInstance);
  }

  /**
   * The decoder knows the place in the file; which table's it is, and what to do, is known here.
   */
  private static FirnException ofTable(FirnException known, String table) {
    String message = String.valueOf(known.getMessage());
    boolean damage = known.kind() == ErrorKind.CORRUPT && !message.contains("restore");
    String remedy = damage ? REMEDY : "";
    return new FirnException(known.kind(), message + remedy + " [table " + table + "]", known);
  }

  private static boolean names(FirnException known, String table) {
    return String.valueOf(known.getMessage()).contains("table " + table + "]");
  }

  private static boolean isMissing(Throwable cause) {
    return cause instanceof NotFoundException
        || cause instanceof FileNotFoundException
        || cause instanceof NoSuchFileException;
  }

  private static boolean isUnreachable(Throwable cause) {
    return cause instanceof StoreReadException
        || cause instanceof SocketException
        || cause instanceof UnknownHostException
        || cause instanceof InterruptedIOException
        || cause instanceof AccessDeniedException
        || cause instanceof ForbiddenException
        || cause instanceof NotAuthorizedException
        || cause instanceof ServiceFailureException
        // The SDK is not a dependency of this module: its exceptions are known by name.
        || cause.getClass().getName().startsWith("software.amazon.awssdk.");
  }

  private static boolean anyCause(Throwable failure, Predicate<Throwable> test) {
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
