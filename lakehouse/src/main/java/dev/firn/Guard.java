package dev.firn;

import dev.firn.catalog.error.IcebergErrors;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.iceberg.Table;
import org.apache.iceberg.UpdateProperties;

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

  /** Commits a change of the properties of a table. */
  static void update(String doing, Supplier<Table> table, Consumer<UpdateProperties> change) {
    run(
        doing,
        () -> {
          UpdateProperties update = table.get().updateProperties();
          change.accept(update);
          update.commit();
        });
  }
}
