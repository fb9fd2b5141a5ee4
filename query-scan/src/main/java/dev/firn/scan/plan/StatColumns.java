package dev.firn.scan.plan;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One statistic of the rows of a chunk, by field id. Immutable.
 *
 * @param <C> {@link LongColumn} or {@link BytesColumn}
 */
final class StatColumns<C> {
  /** Which rows have a map at all. */
  private final @Nullable LongColumn present;

  private final int[] ids;
  private final C[] columns;

  /**
   * @param ids ascending, of which {@code columns} are the columns
   */
  StatColumns(@Nullable LongColumn present, int[] ids, C[] columns) {
    this.present = present;
    this.ids = ids;
    this.columns = columns;
  }

  /** Whether the row has a map, be it empty. */
  boolean has(int row) {
    return present != null && !present.isNull(row);
  }

  /** The column of a field; null where no row has a value of it. */
  @Nullable C column(int fieldId) {
    int at = Arrays.binarySearch(ids, fieldId);
    return at < 0 ? null : columns[at];
  }

  int size() {
    return ids.length;
  }

  int fieldId(int index) {
    return ids[index];
  }

  C at(int index) {
    return columns[index];
  }

  long weight() {
    return 56 + (present == null ? 0 : present.weight()) + 12L * ids.length;
  }
}
