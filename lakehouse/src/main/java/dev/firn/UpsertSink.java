package dev.firn;

import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.catalog.intent.WriteIntent;
import dev.firn.catalog.jdbc.ChannelMove;
import dev.firn.format.row.RowBinder;
import dev.firn.upsert.UpsertBatch;
import dev.firn.upsert.UpsertCommit;
import dev.firn.upsert.UpsertTarget;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/** A writer of changes by key, in whatever form they come. Confined to one thread. */
final class UpsertSink implements AutoCloseable {
  private final String doing;
  private final UpsertTarget target;
  private final String tableUuid;
  private final WriteIntent intent;
  private final UpsertBatch changes;
  private final Schema keyRequired;
  private final Map<Class<?>, RowBinder<?>> binders = new HashMap<>();
  private final Map<Class<?>, RowBinder<?>> keyBinders = new HashMap<>();

  /**
   * Begins changes of {@code table} as it is now; their files are recorded by {@code intent}, which
   * it owns. {@code bound} is how many bytes of changes stay in memory.
   */
  UpsertSink(String doing, Table table, UpsertTarget target, WriteIntent intent, long bound) {
    this.doing = doing;
    this.target = target;
    this.tableUuid = table.uuid().toString();
    this.intent = intent;
    this.changes =
        Guard.call(
            doing, () -> UpsertBatch.open(table, intent, target.indexes().allocator(), bound));
    this.keyRequired = keyRequired(changes.schema());
  }

  /** Takes over the files of rows that came before. */
  void after(List<DataFile> files, long rows) {
    changes.after(files, rows);
  }

  Schema schema() {
    return changes.schema();
  }

  void write(Record row) {
    Guard.run(doing, () -> changes.write(row));
  }

  void write(VectorSchemaRoot batch) {
    Guard.run(doing, () -> changes.write(batch));
  }

  void write(Object row) {
    Guard.run(doing, () -> changes.write(record(row, binders, changes.schema())));
  }

  void upsert(Record row) {
    Guard.run(doing, () -> changes.upsert(row));
  }

  void upsert(VectorSchemaRoot batch) {
    Guard.run(doing, () -> changes.upsert(batch));
  }

  void upsert(Object row) {
    Guard.run(doing, () -> changes.upsert(record(row, binders, changes.schema())));
  }

  void delete(Record row) {
    Guard.run(doing, () -> changes.delete(row));
  }

  void delete(VectorSchemaRoot batch) {
    Guard.run(doing, () -> changes.delete(batch));
  }

  void delete(Object row) {
    Guard.run(doing, () -> changes.delete(record(row, keyBinders, keyRequired)));
  }

  /** The columns, of which those of the key alone must be there. */
  private static Schema keyRequired(Schema all) {
    return new Schema(
        all.columns().stream()
            .map(each -> all.identifierFieldIds().contains(each.fieldId()) ? each : optional(each))
            .toList());
  }

  private static NestedField optional(NestedField field) {
    return NestedField.optional(field.fieldId(), field.name(), field.type());
  }

  @SuppressWarnings("unchecked")
  private static <T> Record record(T row, Map<Class<?>, RowBinder<?>> binders, Schema schema) {
    if (row instanceof Record plain) {
      return plain;
    }
    RowBinder<?> binder =
        binders.computeIfAbsent(row.getClass(), type -> RowBinder.of(type, schema));
    return ((RowBinder<T>) binder).toRecord(row);
  }

  long changes() {
    return changes.changes();
  }

  long bytes() {
    return changes.bytes();
  }

  /**
   * Commits the changes, as {@link UpsertCommit#run}, and closes this: where they were not applied,
   * the files are gone.
   */
  Optional<CommitReceipt> commit(@Nullable ChannelMove move) {
    try (this) {
      return Guard.call(doing, () -> UpsertCommit.run(target, tableUuid, changes, move));
    }
  }

  /** Removes every file that was not committed. Idempotent. */
  @Override
  public void close() {
    changes.close();
    intent.close();
  }
}
