package dev.firn.sql;

import dev.firn.error.FirnException;
import dev.firn.format.arrow.ArrowRows;
import dev.firn.format.arrow.ArrowSchemas;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/**
 * A cursor over a query's rows, which arrive as they are computed: as records by {@link #next()},
 * or as batches of {@link #arrow()}, not both. Owns the running query until closed. Confined to one
 * thread, but for {@link #cancel()}.
 *
 * <p>Columns have Iceberg types: what DuckDB has beyond them comes as the next wider number
 * (HUGEINT as decimal(38)), or as text (INTERVAL, JSON, TIME WITH TIME ZONE). Names that the query
 * repeats get a number: {@code a}, {@code a_1}.
 */
public final class SqlResult implements Iterator<Record>, AutoCloseable {
  private final String query;
  private final DuckQuery running;
  private final BufferAllocator allocator;
  private final Consumer<SqlResult> onClose;
  private final ArrowReader batches;
  private final Schema arrowSchema;
  private final Schema schema;
  private final List<Integer> uuids = new ArrayList<>();
  private Iterator<Record> rows = Collections.emptyIterator();
  private boolean closed;

  /** Owns {@code running} and {@code allocator}. */
  SqlResult(String query, DuckQuery running, BufferAllocator allocator, Consumer<SqlResult> onClose)
      throws IOException {
    this.query = query;
    this.running = running;
    this.allocator = allocator;
    this.onClose = onClose;
    this.batches = new ResultReader(allocator, running.batches());
    this.arrowSchema = ArrowSchemas.fromArrow(batches.getVectorSchemaRoot().getSchema());
    this.schema = withUuids();
  }

  /** DuckDB's Arrow hands out UUIDs as text. */
  private Schema withUuids() {
    List<NestedField> columns = new ArrayList<>(arrowSchema.columns());
    List<String> types = running.shape().types();
    for (int i = 0; i < columns.size(); i++) {
      if (types.get(i).equals("UUID")) {
        uuids.add(i);
        columns.set(i, NestedField.from(columns.get(i)).ofType(Types.UUIDType.get()).build());
      }
    }
    return uuids.isEmpty() ? arrowSchema : new Schema(columns);
  }

  /** Returns the columns, in order, all optional. */
  public Schema schema() {
    return schema;
  }

  /**
   * Returns the rows as Arrow batches, UUIDs as text. The reader stays the result's; a batch is
   * valid until the next {@code loadNextBatch()} or the result's close.
   */
  public ArrowReader arrow() {
    return batches;
  }

  @Override
  public boolean hasNext() {
    try {
      while (!rows.hasNext()) {
        if (!batches.loadNextBatch()) {
          return false;
        }
        rows = ArrowRows.rows(batches.getVectorSchemaRoot(), arrowSchema).iterator();
      }
      return true;
    } catch (IOException e) {
      throw running.translate(query, e);
    }
  }

  @Override
  public Record next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Record row = rows.next();
    if (uuids.isEmpty()) {
      return row;
    }
    Record typed = GenericRecord.create(schema);
    for (int i = 0; i < schema.columns().size(); i++) {
      Object value = row.get(i);
      typed.set(i, value != null && uuids.contains(i) ? UUID.fromString(value.toString()) : value);
    }
    return typed;
  }

  /** Interrupts the query from any thread; a read that waits for it fails as unavailable. */
  public void cancel() {
    running.cancel();
  }

  /** Stops the query and frees all that it holds. Idempotent. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    onClose.accept(this);
    Closing.all(running, allocator);
  }

  /** Fails with what the query failed with. The source stays the query's. */
  private final class ResultReader extends ForwardingReader {
    ResultReader(BufferAllocator allocator, ArrowReader source) {
      super(allocator, source);
    }

    @Override
    public boolean loadNextBatch() {
      try {
        return super.loadNextBatch();
      } catch (IOException | RuntimeException e) {
        throw translated(e);
      }
    }

    @Override
    public void close() {
      // The result's close frees it.
    }

    private FirnException translated(Exception error) {
      return running.translate(query, error);
    }
  }
}
