package dev.firn.format.write;

import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.util.PropertyUtil;

/**
 * What one writer may hold: bytes of memory, and files open at once. Immutable.
 *
 * <p>How the budget is shared: three eighths for rows that wait, the same for open files, a quarter
 * for batches on their way. Where no row waits, files have three quarters.
 */
record WriteLimits(long budgetBytes, int openFiles) {
  private static final long MOST_BUDGET = 256L << 20;
  private static final long LEAST_PAGE = 8 << 10;
  static final int MOST_OPEN_FILES = 32;

  static WriteLimits ofHeap() {
    return of(Math.min(MOST_BUDGET, Runtime.getRuntime().maxMemory() / 8));
  }

  static WriteLimits of(long budgetBytes) {
    return new WriteLimits(budgetBytes, MOST_OPEN_FILES);
  }

  /** For rows that wait, with what ordering them takes. */
  long waitingBytes() {
    return budgetBytes / 8 * 3;
  }

  /** For the pages of open files while rows wait. */
  long fileBytes() {
    return budgetBytes / 8 * 3;
  }

  /** For the pages of open files where no rows wait. */
  long soleFileBytes() {
    return budgetBytes / 4 * 3;
  }

  /** For the blocks of a merge, which goes on while no rows wait. */
  long mergeBytes() {
    return budgetBytes / 4;
  }

  /** For one batch gathered on its way to a file. */
  long batchBytes() {
    return Math.max(1, Math.min(4L << 20, budgetBytes / 64));
  }

  /** What a partition's waiting rows must hold for it to get a file that stays open. */
  long worthFileBytes() {
    return waitingBytes() / openFiles;
  }

  /**
   * The table's properties with pages and dictionaries that let one file's columns fit, and that
   * are small against the file: what is not compressed yet blurs the file's length.
   */
  Map<String, String> fit(Map<String, String> properties, Schema schema, long targetBytes) {
    long columns = Math.max(1, TypeUtil.indexById(schema.asStruct()).size());
    long page = Math.min(fileBytes() / columns / 4, targetBytes / columns / 16);
    long dictionary = Math.min(fileBytes() / columns / 2, targetBytes / columns / 4);
    Map<String, String> fitting = new HashMap<>(properties);
    lower(
        fitting,
        TableProperties.PARQUET_PAGE_SIZE_BYTES,
        TableProperties.PARQUET_PAGE_SIZE_BYTES_DEFAULT,
        Math.max(LEAST_PAGE, page));
    lower(
        fitting,
        TableProperties.PARQUET_DICT_SIZE_BYTES,
        TableProperties.PARQUET_DICT_SIZE_BYTES_DEFAULT,
        Math.max(LEAST_PAGE, dictionary));
    return fitting;
  }

  private static void lower(
      Map<String, String> properties, String name, int defaultValue, long most) {
    long set = PropertyUtil.propertyAsLong(properties, name, defaultValue);
    if (set > most) {
      properties.put(name, Long.toString(most));
    }
  }
}
