package dev.firn.change;

import java.util.function.Supplier;
import org.apache.iceberg.data.Record;

/** What becomes of a row. */
sealed interface Fate {
  /** It stays as it is. */
  enum Kept implements Fate {
    KEPT
  }

  /** It goes. */
  enum Deleted implements Fate {
    DELETED
  }

  /**
   * It gets other values.
   *
   * @param row computes them, once at most
   */
  record Updated(Supplier<Record> row) implements Fate {}
}
