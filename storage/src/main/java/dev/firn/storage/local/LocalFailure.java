package dev.firn.storage.local;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;

/** What a failed call on a local file means to the caller. Stateless. */
final class LocalFailure {
  private LocalFailure() {}

  /**
   * Returns Iceberg's own exceptions where Iceberg acts on them (missing, exists), a {@link
   * FirnException} where a person must act (disk full, no permission).
   */
  static RuntimeException translate(String verb, String location, IOException error) {
    if (error instanceof NoSuchFileException || error instanceof FileNotFoundException) {
      return new NotFoundException(error, "Cannot %s file: it does not exist [%s]", verb, location);
    }
    if (error instanceof FileAlreadyExistsException) {
      return new AlreadyExistsException(error, "Cannot %s file: it exists [%s]", verb, location);
    }
    if (error instanceof AccessDeniedException) {
      return new FirnException(
          ErrorKind.INVALID,
          "Cannot " + verb + " file: permission denied [" + location + "]; grant this user access",
          error);
    }
    if (isDiskFull(error)) {
      return FirnException.unavailable(
          "Cannot "
              + verb
              + " file: the disk holding "
              + location
              + " is full; the file was removed and nothing was committed; free space and run it"
              + " again",
          error);
    }
    return new RuntimeIOException(error, "Cannot %s file: %s [%s]", verb, reason(error), location);
  }

  /** Returns whether the disk, or the user's quota on it, is used up. */
  static boolean isDiskFull(IOException error) {
    String reason = reason(error).toLowerCase(Locale.ROOT);
    return reason.contains("no space left")
        || reason.contains("not enough space")
        || reason.contains("disk quota exceeded");
  }

  private static String reason(IOException error) {
    String reason =
        error instanceof FileSystemException failed ? failed.getReason() : error.getMessage();
    return reason == null ? error.getClass().getSimpleName() : reason;
  }
}
