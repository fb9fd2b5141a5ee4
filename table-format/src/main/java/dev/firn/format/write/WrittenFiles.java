package dev.firn.format.write;

import dev.firn.error.FirnException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.iceberg.io.FileIO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is shared about files that were written and became part of no table. Stateless. */
public final class WrittenFiles {
  private static final Logger LOG = LoggerFactory.getLogger(WrittenFiles.class);

  private WrittenFiles() {}

  /**
   * Removes the files as far as the store allows it, and returns those that are gone; a failure is
   * logged, never thrown.
   */
  public static List<String> remove(FileIO io, List<String> locations) {
    return locations.stream().filter(location -> remove(io, location)).toList();
  }

  private static boolean remove(FileIO io, String location) {
    try {
      io.deleteFile(location);
      return true;
    } catch (RuntimeException e) {
      // The write's own error is on its way to the caller, and an unreferenced file harms no
      // reader.
      LOG.warn("Cannot remove {}, which no snapshot refers to: {}", location, e.toString());
      return false;
    }
  }

  /** Closes the file's writer; whatever it still had to write does not matter. */
  static void abandon(OpenFile file) {
    try {
      file.abandon();
    } catch (IOException | RuntimeException e) {
      ignore(e);
    }
  }

  /** Notes what went wrong while closing what does not matter any more. */
  static void ignore(Exception e) {
    LOG.debug("Closing after a failed write failed", e);
  }

  static FirnException failed(String what, String table, IOException cause) {
    return unavailable(what, table, cause);
  }

  static FirnException failed(String what, String table, UncheckedIOException cause) {
    return unavailable(what, table, cause);
  }

  private static FirnException unavailable(String what, String table, Exception error) {
    StringBuilder reason = new StringBuilder(String.valueOf(error.getMessage()));
    for (Throwable cause = error.getCause(); cause != null; cause = cause.getCause()) {
      String more = String.valueOf(cause.getMessage());
      if (reason.indexOf(more) < 0) {
        reason.append(": ").append(more);
      }
    }
    return FirnException.unavailable(
        "Cannot write " + what + ": " + reason + " [" + table + "]", error);
  }
}
