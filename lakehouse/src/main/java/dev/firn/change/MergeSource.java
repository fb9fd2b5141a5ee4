package dev.firn.change;

import dev.firn.format.arrow.ArrowRows;
import dev.firn.format.arrow.ArrowSchemas;
import dev.firn.format.row.RowBinder;
import dev.firn.format.row.RowConformer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;

/**
 * The rows that a merge brings: read once, from front to end, when the merge runs. Confined to one
 * thread. Borrows what it reads from.
 */
public final class MergeSource {
  /** Reads the rows in columns of the same names, whose types may be others. */
  private interface Reading {
    void read(Schema as, String name, Consumer<Record> taker);
  }

  private final @Nullable Schema schema;
  private final Reading reading;

  private MergeSource(@Nullable Schema schema, Reading reading) {
    this.schema = schema;
    this.reading = reading;
  }

  /** Iceberg records of a schema, opened when the merge runs, and then closed. */
  public static MergeSource of(Schema schema, Supplier<CloseableIterable<Record>> rows) {
    return new MergeSource(
        schema,
        (as, name, taker) -> {
          try (CloseableIterable<Record> open = rows.get()) {
            read(open.iterator(), as, name, taker);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** Iceberg records of one struct, or Java records or beans of one class. */
  public static MergeSource of(Iterable<?> rows) {
    Iterator<?> first = rows.iterator();
    if (!first.hasNext()) {
      return new MergeSource(null, (as, name, taker) -> {});
    }
    Object row = first.next();
    Schema schema =
        row instanceof Record record
            ? new Schema(record.struct().fields())
            : RowBinder.schemaOf(row.getClass());
    return new MergeSource(
        schema,
        (as, name, taker) -> {
          read(List.of(row).iterator(), as, name, taker);
          read(first, as, name, taker);
        });
  }

  /** The batches that a reader still has. The caller closes it. */
  public static MergeSource of(ArrowReader batches) {
    Schema schema;
    try {
      schema = ArrowSchemas.fromArrow(batches.getVectorSchemaRoot().getSchema(), batches);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new MergeSource(schema, (as, name, taker) -> read(batches, as, taker));
  }

  private static void read(ArrowReader batches, Schema as, Consumer<Record> taker) {
    try {
      while (batches.loadNextBatch()) {
        ArrowRows.rows(batches.getVectorSchemaRoot(), as, batches).forEach(taker);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void read(Iterator<?> rows, Schema as, String name, Consumer<Record> taker) {
    RowConformer conformer = new RowConformer(as, name);
    Map<Class<?>, RowBinder<?>> binders = new HashMap<>();
    while (rows.hasNext()) {
      Object row = rows.next();
      Record record = row instanceof Record given ? given : bind(row, as, binders);
      taker.accept(conformer.conform(record).row());
    }
  }

  @SuppressWarnings("unchecked")
  private static <T> Record bind(T row, Schema as, Map<Class<?>, RowBinder<?>> binders) {
    RowBinder<?> binder = binders.computeIfAbsent(row.getClass(), type -> RowBinder.of(type, as));
    return ((RowBinder<T>) binder).toRecord(row);
  }

  /** Returns the columns; empty where there is no row that says. */
  Optional<Schema> schema() {
    return Optional.ofNullable(schema);
  }

  /**
   * Hands over every row, in the columns {@code as}; {@code name} is the target's, for messages.
   */
  void read(Schema as, String name, Consumer<Record> taker) {
    reading.read(as, "source of the merge into " + name, taker);
  }
}
