package dev.firn.storage.s3;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.StoreMeter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * One write of one object: its requests, how they are sent, and what is said where they fail.
 * Thread-safe. Borrows the connection.
 */
record S3Write(S3Connection connection, S3Uploads uploads, WriteRequests requests) {
  private static final int SENDS = 3;
  private static final long FIRST_PAUSE_NANOS = 50_000_000;
  private static final int MAX_DOUBLINGS = 5;

  /** What stands at the location. */
  enum Standing {
    /** What this write wrote. */
    OURS,
    /** An object of another write. */
    ANOTHERS,
    ABSENT,
    /** The store does not tell. */
    UNREADABLE
  }

  static S3Write of(S3Location location, S3Connection connection, boolean exclusive) {
    WriteRequests requests = WriteRequests.of(location, connection.settings(), exclusive);
    return new S3Write(connection, connection.uploads(), requests);
  }

  S3Client client() {
    return connection.client();
  }

  String location() {
    return requests.location().toString();
  }

  /**
   * Sends a body, a few times where the store received other bytes. A wrong secret looks the same,
   * so that this must not go on for long.
   */
  <T> T send(Part part, Supplier<T> request) {
    for (int sent = 1; ; sent++) {
      try {
        T answer = request.get();
        connection.meter().add(StoreMeter.Event.BYTES_WRITTEN, part.size());
        return answer;
      } catch (RuntimeException e) {
        if (sent == SENDS || !new WriteFailure(e).damagedOnTheWay()) {
          throw e;
        }
      }
    }
  }

  /** Reads back what stands at the location. */
  Standing look() {
    try {
      Map<String, String> metadata = client().headObject(requests.head()).metadata();
      boolean ours =
          metadata.entrySet().stream()
              .anyMatch(
                  entry ->
                      entry.getKey().toLowerCase(Locale.ROOT).equals(WriteRequests.TOKEN_KEY)
                          && entry.getValue().equals(requests.token()));
      return ours ? Standing.OURS : Standing.ANOTHERS;
    } catch (RuntimeException e) {
      return new WriteFailure(e).notFound() ? Standing.ABSENT : Standing.UNREADABLE;
    }
  }

  /**
   * Runs on a request thread and waits for the end, come what may: an interruption, which would
   * leave the outcome open, is only noted.
   */
  void run(Runnable task) {
    try {
      CompletableFuture.runAsync(task, connection.requests()).join();
    } catch (CompletionException e) {
      throw unwrap(e);
    }
  }

  /** What a task failed with, out of what its future wraps it in. */
  static RuntimeException unwrap(Throwable error) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    return cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
  }

  /** Waits a little, longer each time and never twice the same. */
  static void pause(int times) {
    long most = FIRST_PAUSE_NANOS << Math.min(times, MAX_DOUBLINGS);
    LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(FIRST_PAUSE_NANOS / 2, most));
  }

  /** What a failed request means to the caller: it had no effect. */
  RuntimeException failed(RuntimeException error) {
    if (new WriteFailure(error).notImplemented()) {
      return new FirnException(
          ErrorKind.INVALID,
          "Cannot write file: the store does not know a feature that is in use, expected one that"
              + " knows it, or to do without: "
              + requests.features()
              + " ["
              + location()
              + "]",
          error);
    }
    return connection.failure("write", location(), error);
  }

  /** The same where it may have had its effect. */
  RuntimeException unknown(RuntimeException error) {
    RuntimeException known = connection.failure("write", location(), error);
    if (known instanceof FirnException firn && firn.kind() != ErrorKind.UNAVAILABLE) {
      return known;
    }
    return FirnException.unavailable(
        "Cannot write file: it is not known whether it was written, expected an answer, got none"
            + " that tells ["
            + location()
            + "]; look whether it is there before writing it again",
        error);
  }

  AlreadyExistsException exists(@Nullable Throwable cause) {
    return new AlreadyExistsException(cause, "Cannot create file: it exists [%s]", location());
  }
}
