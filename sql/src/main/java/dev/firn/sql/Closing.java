package dev.firn.sql;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.Arrays;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Closes several things whatever each one throws. Stateless. */
final class Closing {
  private Closing() {}

  /** Closes all in the order given, nulls left out, and then throws the first failure. */
  static void all(@Nullable AutoCloseable... resources) {
    all(Arrays.asList(resources));
  }

  /** As {@link #all(AutoCloseable...)}. */
  static void all(Collection<? extends @Nullable AutoCloseable> resources) {
    Exception first = null;
    for (AutoCloseable resource : resources) {
      first = close(resource, first);
    }
    if (first instanceof RuntimeException runtime) {
      throw runtime;
    }
    if (first != null) {
      throw new FirnException(
          ErrorKind.INTERNAL, "Cannot close the SQL statement: " + first.getMessage(), first);
    }
  }

  /** Closes all because of {@code error}, to which any failure of theirs is added. */
  static void after(Exception error, AutoCloseable... resources) {
    for (AutoCloseable resource : resources) {
      close(resource, error);
    }
  }

  private static @Nullable Exception close(
      @Nullable AutoCloseable resource, @Nullable Exception first) {
    if (resource != null) {
      try {
        resource.close();
      } catch (Exception e) {
        if (first == null) {
          return e;
        }
        first.addSuppressed(e);
      }
    }
    return first;
  }
}
