package dev.firn.format.parquet.read;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** What is to be closed, the last opened first. Confined to one thread. */
final class Opened implements AutoCloseable {
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  <T extends AutoCloseable> T add(T resource) {
    opened.push(resource);
    return resource;
  }

  /** Closes all; the first failure is thrown after that. */
  @Override
  public void close() {
    RuntimeException failure = null;
    while (!opened.isEmpty()) {
      RuntimeException next = close(opened.pop());
      if (failure == null) {
        failure = next;
      } else if (next != null) {
        failure.addSuppressed(next);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Closes all because of {@code failure}, which keeps what else fails. */
  void closeAfter(Throwable failure) {
    try {
      close();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private static @Nullable RuntimeException close(AutoCloseable resource) {
    try {
      resource.close();
      return null;
    } catch (RuntimeException e) {
      return e;
    } catch (Exception e) {
      return new IllegalStateException(e);
    }
  }
}
