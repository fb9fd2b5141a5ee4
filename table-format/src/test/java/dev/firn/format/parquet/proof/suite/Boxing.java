package dev.firn.format.parquet.proof.suite;

import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.iceberg.data.Record;

/**
 * How an engine's rows hold records.
 *
 * @param type the engine's row class
 * @param box makes a row
 * @param unbox gives its record
 * @param container makes a function that puts every record into the same row
 */
record Boxing<D>(
    Class<D> type,
    Function<Record, D> box,
    Function<D, Record> unbox,
    Supplier<Function<Record, D>> container) {

  /** Rows of the engine. */
  static Boxing<EngineRow> engine() {
    return new Boxing<>(
        EngineRow.class,
        EngineRow::new,
        EngineRow::row,
        () -> {
          EngineRow one = new EngineRow(null);
          return record -> {
            one.row(record);
            return one;
          };
        });
  }

  /** Iceberg's own records, to stand in for its own model. */
  static Boxing<Record> generic() {
    return new Boxing<>(
        Record.class,
        r -> r,
        r -> r,
        () -> {
          Record[] one = new Record[1];
          return record -> {
            one[0] = one[0] == null ? record.copy() : one[0];
            for (int i = 0; i < record.size(); i++) {
              one[0].set(i, record.get(i));
            }
            return one[0];
          };
        });
  }
}
