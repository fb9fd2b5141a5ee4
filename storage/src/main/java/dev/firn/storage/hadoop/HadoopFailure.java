package dev.firn.storage.hadoop;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.ClusterStorageCapacityExceededException;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.ipc.RemoteException;
import org.apache.hadoop.ipc.RetriableException;
import org.apache.hadoop.ipc.StandbyException;
import org.apache.hadoop.security.AccessControlException;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;

/** What a failed call on a Hadoop file system means to the caller. Stateless. */
final class HadoopFailure {
  private HadoopFailure() {}

  /** Returns Iceberg's own exceptions where Iceberg acts on them, else ours, by kind. */
  static RuntimeException translate(String verb, String location, IOException failure) {
    IOException error =
        failure instanceof RemoteException far ? far.unwrapRemoteException() : failure;
    if (error instanceof FileNotFoundException) {
      return new NotFoundException(error, "Cannot %s file: it does not exist [%s]", verb, location);
    }
    if (error instanceof FileAlreadyExistsException) {
      return new AlreadyExistsException(error, "Cannot %s file: it exists [%s]", verb, location);
    }
    String what = "Cannot %s file: %s [%s]".formatted(verb, reason(error), location);
    if (error instanceof UnsupportedFileSystemException) {
      return new FirnException(
          ErrorKind.INVALID,
          "Cannot open storage: %s, expected the scheme's connector on the class path [%s]"
              .formatted(reason(error), location),
          error);
    }
    if (error instanceof AccessControlException || error instanceof AccessDeniedException) {
      return new FirnException(ErrorKind.INVALID, what + "; grant this user access", error);
    }
    if (error instanceof ChecksumException) {
      return new FirnException(ErrorKind.CORRUPT, what, error);
    }
    if (doesNotAnswer(error)) {
      return FirnException.unavailable(what + "; run it again when the store answers", error);
    }
    if (error instanceof ClusterStorageCapacityExceededException) {
      return FirnException.unavailable(what + "; free space or raise the quota", error);
    }
    return new RuntimeIOException(error, "Cannot %s file: %s [%s]", verb, reason(error), location);
  }

  /** What a stream throws where the file is too short. */
  static EOFException tooShort(String location, long position, int count, IOException cause) {
    EOFException error =
        new EOFException(
            "Cannot read file: it ends early, expected %d bytes from %d [%s]"
                .formatted(count, position, location));
    error.initCause(cause);
    return error;
  }

  private static boolean doesNotAnswer(IOException error) {
    return error instanceof SocketException
        || error instanceof SocketTimeoutException
        || error instanceof UnknownHostException
        || error instanceof InterruptedIOException
        || error instanceof StandbyException
        || error instanceof RetriableException
        || error.getCause() instanceof TimeoutException;
  }

  private static String reason(IOException error) {
    String message = error.getMessage();
    return message == null
        ? error.getClass().getSimpleName()
        : message.lines().findFirst().orElse(message);
  }
}
