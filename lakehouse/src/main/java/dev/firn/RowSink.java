package dev.firn;

import dev.firn.catalog.intent.WriteIntent;
import dev.firn.format.row.RowBinder;
import dev.firn.format.write.DataWriter;
import dev.firn.format.write.WriteOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;

/**
 * A writer of rows, in whatever form they come, to data files that nobody refers to yet. Confined
 * to one thread.
 */
final class RowSink implements AutoCloseable {
  private final String doing;
  private final WriteIntent intent;
  private final DataWriter files;
  private final Map<Class<?>, RowBinder<?>> binders = new HashMap<>();

  /**
   * Writes files for {@code table} as it is now, each recorded by {@code intent}, which it owns.
   * {@code doing} continues "Cannot …".
   */
  RowSink(String doing, Table table, WriteIntent intent) {
    this.doing = doing;
    this.intent = intent;
    WriteOptions options = WriteOptions.OF_TABLE.withRegistrar(new Registration(intent));
    this.files = Guard.call(doing, () -> DataWriter.open(table, options));
  }

  Schema schema() {
    return files.schema();
  }

  void write(Record row) {
    Guard.run(doing, () -> files.write(row));
  }

  void write(VectorSchemaRoot batch) {
    Guard.run(doing, () -> files.write(batch));
  }

  void write(Object row) {
    Guard.run(doing, () -> files.write(bind(row)));
  }

  void writeAll(Iterable<?> rows) {
    for (Object row : rows) {
      if (row instanceof Record plain) {
        write(plain);
      } else {
        write(row);
      }
    }
  }

  @SuppressWarnings("unchecked")
  private <T> Record bind(T row) {
    RowBinder<?> binder =
        binders.computeIfAbsent(row.getClass(), type -> RowBinder.of(type, schema()));
    return ((RowBinder<T>) binder).toRecord(row);
  }

  long rows() {
    return files.rows();
  }

  long bytes() {
    return files.bytes();
  }

  /** Ends the files and hands them over: the caller's to commit or to remove. */
  List<DataFile> complete() {
    return Guard.call(doing, files::complete);
  }

  /** What the commit of the files has to clear. */
  WriteIntent intent() {
    return intent;
  }

  /** Removes every file that was not handed over. */
  @Override
  public void close() {
    files.close();
    intent.close();
  }
}
