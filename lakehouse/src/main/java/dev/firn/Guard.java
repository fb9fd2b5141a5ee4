package dev.firn;

import dev.firn.catalog.error.IcebergErrors;
import java.util.function.Supplier;

/**
 * Runs calls into Iceberg so that whatever they throw leaves as a {@code FirnException} that says
 * what was being done.
 */
final class Guard {
  private Guard() {}

  /** {@code doing} continues "Cannot …": {@code "append to shop.orders"}. */
  static <T> T call(String doing, Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      throw IcebergErrors.translate(doing, e);
    }
  }

  static void run(String doing, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      throw IcebergErrors.translate(doing, e);
    }
  }
}
