package dev.firn.ingest;

import dev.firn.ingest.read.Inference;
import dev.firn.ingest.read.InferredSchema;
import dev.firn.ingest.read.InputSet;
import dev.firn.ingest.read.ReadMonitor;
import dev.firn.ingest.read.ReadOptions;
import dev.firn.ingest.read.Readers;
import dev.firn.ingest.read.RejectHandler;
import dev.firn.ingest.read.RowSource;
import dev.firn.ingest.read.Source;
import dev.firn.ingest.read.Target;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * The rows of input files for a table that is there, in the types of its columns where they share a
 * name; other columns have the types that the files imply. A row that does not fit is an error.
 * Owns the open inputs; confined to one thread.
 */
public final class InputRows implements AutoCloseable {
  private final InputSet inputs;
  private final ReadOptions options;
  private final InferredSchema inferred;
  private final Schema schema;
  private final BufferAllocator allocator;

  private InputRows(
      InputSet inputs,
      ReadOptions options,
      InferredSchema inferred,
      Schema schema,
      BufferAllocator allocator) {
    this.inputs = inputs;
    this.options = options;
    this.inferred = inferred;
    this.schema = schema;
    this.allocator = allocator;
  }

  /** Opens the request's inputs and finds their columns; {@code table} has the table's. */
  public static InputRows open(LoadRequest request, Schema table) {
    ReadOptions options = request.options();
    if (!options.header() && options.columnNames() == null) {
      options = options.columnNames(table.columns().stream().map(NestedField::name).toList());
    }
    InputSet inputs = InputSet.open(request.inputs(), options.format(), request.stdin());
    BufferAllocator allocator = new RootAllocator();
    boolean done = false;
    try {
      InferredSchema inferred =
          Inference.run(inputs, options, allocator, ReadMonitor.NONE, RejectHandler.FAIL);
      Schema found = request.schema() == null ? inferred.schema() : request.schema();
      InputRows rows = new InputRows(inputs, options, inferred, typed(found, table), allocator);
      done = true;
      return rows;
    } finally {
      if (!done) {
        allocator.close();
        inputs.close();
      }
    }
  }

  private static Schema typed(Schema found, Schema table) {
    AtomicInteger id = new AtomicInteger();
    List<NestedField> columns = new ArrayList<>();
    for (NestedField column : found.columns()) {
      NestedField same = table.asStruct().field(column.name());
      columns.add(
          NestedField.optional(
              id.incrementAndGet(),
              column.name(),
              TypeUtil.assignFreshIds(
                  same == null ? column.type() : same.type(), id::incrementAndGet)));
    }
    return new Schema(columns);
  }

  /** Returns the columns. */
  public Schema schema() {
    return schema;
  }

  /** Returns the rows of all inputs, one after the other; they pass once. */
  public CloseableIterable<Record> rows() {
    Rows rows = new Rows();
    return CloseableIterable.combine(() -> rows, rows);
  }

  private final class Rows implements CloseableIterator<Record> {
    private final Iterator<Source> left = inputs.sources().iterator();
    private final Target target = new Target(schema, inferred.styles(), RejectHandler.FAIL);
    private @Nullable RowSource open;
    private @Nullable Record next;

    @Override
    public boolean hasNext() {
      while (next == null && (open != null || left.hasNext())) {
        RowSource from = open;
        if (from == null) {
          from = Readers.open(left.next(), options, inferred, target, allocator, ReadMonitor.NONE);
          open = from;
        }
        next = from.next();
        if (next == null) {
          close();
        }
      }
      return next != null;
    }

    @Override
    public Record next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Record row = next;
      next = null;
      if (row == null) {
        throw new NoSuchElementException();
      }
      return row;
    }

    @Override
    public void close() {
      if (open != null) {
        open.close();
        open = null;
      }
    }
  }

  @Override
  public void close() {
    inputs.close();
    allocator.close();
  }
}
