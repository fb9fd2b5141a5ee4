package dev.firn.compaction;

import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.iceberg.Table;

/** The table that an action works on, and what becomes of the failures of that work. */
record Target(Table table, UnaryOperator<RuntimeException> failures) {

  <T> T run(Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      throw failures.apply(e);
    }
  }
}
