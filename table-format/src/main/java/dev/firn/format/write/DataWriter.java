package dev.firn.format.write;

import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.format.arrow.ArrowConformer;
import dev.firn.format.arrow.ArrowSchemas;
import dev.firn.format.arrow.ConformedBatch;
import dev.firn.format.row.RowConformer;
import dev.firn.format.write.key.Partitioner;
import dev.firn.format.write.key.RowOrder;
import dev.firn.format.write.key.SortKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.util.PropertyUtil;
import org.jspecify.annotations.Nullable;

/**
 * A writer of data files: rows in any order, split by partition, in each partition sorted by the
 * table's sort order, rolled at {@code write.target-file-size-bytes}, in bounded memory whatever
 * the number of partitions. Confined to one thread.
 *
 * <p>Memory: one budget ({@link WriteOptions#memoryBytes}) for waiting rows and encoded pages of
 * all files together, nearly all of it Arrow memory outside the heap. Rows that it does not hold
 * wait in temporary files, which are gone when the writer is closed. So a partition's rows get one
 * file, or as many as the target size asks for; equal rows keep their order of arrival, and so do
 * all rows of an unsorted partition.
 *
 * <p>Errors: a row that does not fit its columns is {@code INVALID}, names the column, and leaves
 * the writer as it was before that row. Any other failure ends the writer: only {@link #close()}
 * remains, and it removes every file. Format, metrics and codec follow the table's {@code write.*}
 * properties.
 */
public final class DataWriter implements AutoCloseable {
  private static final int BATCH_ROWS = 4096;

  /** A column behind a batch's own, which no file stores. */
  private static final Field ORIGIN =
      new Field(
          "firn origin", FieldType.notNullable(new ArrowType.Int(Long.SIZE, true)), List.of());

  private enum State {
    OPEN,
    FAILED,
    COMPLETE,
    CLOSED
  }

  private final String table;
  private final Schema schema;
  private final WriteLimits limits;
  private final WriterMemory memory;
  private final FileSink files;
  private final BatchFlow flow;
  private final RowConformer rowConformer;
  private final ArrowConformer batchConformer;
  private final ArrowBatchBuilder builder;
  private final boolean placed;
  private State state = State.OPEN;
  private long rows;
  private long builderBytes;

  private DataWriter(Table table, WriteOptions options, WriteLimits limits, WriterMemory memory) {
    this.table = table.name();
    this.limits = limits;
    this.memory = memory;
    this.schema = options.schema() == null ? table.schema() : options.schema();
    FileFormat format = Writability.format(table);
    Writability.check(table, schema, format);
    PartitionSpec spec = options.spec() == null ? table.spec() : options.spec();
    WriteOptions.Arrangement arrangement = options.arrangement();
    SortOrder order = sortOrder(table, arrangement);
    FileSink.Layout layout =
        new FileSink.Layout(
            schema, spec, named(order, table), format, targetBytes(table, options), options);
    this.files = new FileSink(table, layout, limits, memory.allocator());
    this.rowConformer = new RowConformer(schema, table.name());
    this.batchConformer = new ArrowConformer(schema);
    this.placed = arrangement.places() != null;
    RowOrder given = arrangement.rowOrder();
    RowOrder sorted = order.isSorted() ? new SortKeys(order, schema) : null;
    this.flow = flow(layout, given != null ? given : sorted);
    this.builder = new ArrowBatchBuilder(schema, memory.allocator());
  }

  private static SortOrder sortOrder(Table table, WriteOptions.Arrangement arrangement) {
    SortOrder given = arrangement.sortOrder();
    return arrangement.rowOrder() != null
        ? SortOrder.unsorted()
        : given != null ? given : table.sortOrder();
  }

  /** The order as the table knows it, by whose number files are marked; else unsorted. */
  private static SortOrder named(SortOrder order, Table table) {
    for (SortOrder known : table.sortOrders().values()) {
      if (known.sameOrder(order)) {
        return known;
      }
    }
    return SortOrder.unsorted();
  }

  private BatchFlow flow(FileSink.Layout layout, @Nullable RowOrder order) {
    if (!layout.spec().isPartitioned() && order == null) {
      return new StreamFlow(files, limits, new PartitionKey(layout.spec(), schema));
    }
    Path directory = layout.options().room().spillDirectory();
    WaitingFlow.Plan plan =
        new WaitingFlow.Plan(
            new Partitioner(layout.spec(), schema),
            order,
            directory == null ? Path.of(System.getProperty("java.io.tmpdir")) : directory);
    return new WaitingFlow(files, limits, plan, waiting(), memory.allocator());
  }

  /** What waiting rows hold: with their origins, where these are asked for. */
  private org.apache.arrow.vector.types.pojo.Schema waiting() {
    List<Field> fields = new ArrayList<>(ArrowSchemas.toArrow(schema).getFields());
    if (placed) {
      fields.add(ORIGIN);
    }
    return new org.apache.arrow.vector.types.pojo.Schema(fields);
  }

  /** Opens a writer under the table's current schema, spec, sort order and properties. */
  public static DataWriter open(Table table) {
    return open(table, WriteOptions.OF_TABLE);
  }

  /** Opens a writer that departs from the table's current state as {@code options} say. */
  public static DataWriter open(Table table, WriteOptions options) {
    Long bytes = options.room().memoryBytes();
    return open(table, options, bytes == null ? WriteLimits.ofHeap() : WriteLimits.of(bytes));
  }

  static DataWriter open(Table table, WriteOptions options, WriteLimits limits) {
    WriterMemory memory = WriterMemory.open(options.room().allocator(), limits.budgetBytes());
    boolean done = false;
    try {
      DataWriter writer = new DataWriter(table, options, limits, memory);
      done = true;
      return writer;
    } finally {
      if (!done) {
        memory.close();
      }
    }
  }

  private static long targetBytes(Table table, WriteOptions options) {
    Long asked = options.targetFileSizeBytes();
    return asked != null
        ? asked
        : PropertyUtil.propertyAsLong(
            table.properties(),
            TableProperties.WRITE_TARGET_FILE_SIZE_BYTES,
            TableProperties.WRITE_TARGET_FILE_SIZE_BYTES_DEFAULT);
  }

  /** The schema of the files, and of the rows that it takes. */
  public Schema schema() {
    return schema;
  }

  /**
   * Adds one row. It may be kept until its file is written: the caller must not change it
   * afterwards.
   */
  public void write(Record row) {
    requireOpen();
    requireOrigins(false);
    RowConformer.Conformed conformed = rowConformer.conform(row);
    attempt(
        () -> {
          builder.add(conformed.row());
          builderBytes += conformed.bytes();
          rows++;
          if (builder.rows() >= BATCH_ROWS || builderBytes >= limits.batchBytes()) {
            drainBuilder();
          }
        });
  }

  private void drainBuilder() throws IOException {
    if (builder.rows() > 0) {
      flow.add(builder.finish());
      builder.clear();
      builderBytes = 0;
    }
  }

  /**
   * Adds the batch's rows, columns matched by name. The batch stays the caller's and is not
   * referenced afterwards. A row that does not fit ends the writer. Dictionary-encoded columns need
   * {@link #write(VectorSchemaRoot, DictionaryProvider)}.
   */
  public void write(VectorSchemaRoot batch) {
    write(batch, new DictionaryProvider.MapDictionaryProvider());
  }

  /** As {@link #write(VectorSchemaRoot)}, for batches with dictionary-encoded columns. */
  public void write(VectorSchemaRoot batch, DictionaryProvider dictionaries) {
    requireOpen();
    requireOrigins(false);
    attempt(
        () -> {
          drainBuilder();
          add(batch, dictionaries, null);
        });
  }

  /**
   * As {@link #write(VectorSchemaRoot)}, of a writer with {@link WriteOptions#withPlaces}, which is
   * told {@code origins}, one for each row, where the rows go. Borrows them.
   */
  public void write(VectorSchemaRoot batch, BigIntVector origins) {
    requireOpen();
    requireOrigins(true);
    attempt(() -> add(batch, new DictionaryProvider.MapDictionaryProvider(), origins));
  }

  private void add(
      VectorSchemaRoot batch, DictionaryProvider dictionaries, @Nullable BigIntVector origins)
      throws IOException {
    try (ConformedBatch fit = batchConformer.conform(batch, dictionaries, memory.allocator())) {
      flow.add(origins == null ? fit.rows() : with(origins, fit.rows()));
    }
    rows += batch.getRowCount();
  }

  private static VectorSchemaRoot with(BigIntVector origins, VectorSchemaRoot rows) {
    List<Field> fields = new ArrayList<>(rows.getSchema().getFields());
    List<FieldVector> vectors = new ArrayList<>(rows.getFieldVectors());
    fields.add(ORIGIN);
    vectors.add(origins);
    return new VectorSchemaRoot(fields, vectors, rows.getRowCount());
  }

  private void requireOrigins(boolean given) {
    if (placed != given) {
      throw new IllegalStateException(
          "Cannot write to a data writer: rows come "
              + (given ? "with" : "without")
              + " origins, expected the other ["
              + table
              + "]");
    }
  }

  private interface Action {
    void run() throws IOException;
  }

  /** Whatever fails ends the writer. */
  private void attempt(Action action) {
    State before = state;
    state = State.FAILED;
    try {
      action.run();
    } catch (IOException e) {
      throw WrittenFiles.failed("data files", table, e);
    } catch (UncheckedIOException e) {
      throw WrittenFiles.failed("data files", table, e);
    } catch (OutOfMemoryException e) {
      throw memory.exhausted(table, e);
    }
    state = before;
  }

  /** Rows taken so far. */
  public long rows() {
    return rows;
  }

  /** Bytes of files completed or buffered so far, an estimate until {@link #complete()}. */
  public long bytes() {
    return files.finishedBytes() + flow.pendingBytes() + builderBytes / 4;
  }

  /** Closes every file and returns them. They are the caller's to commit or to remove. */
  public List<DataFile> complete() {
    requireOpen();
    attempt(
        () -> {
          drainBuilder();
          flow.finish();
        });
    state = State.COMPLETE;
    release();
    return files.finished();
  }

  private void release() {
    flow.abandon();
    builder.close();
    memory.close();
  }

  /** Removes every file written, unless {@link #complete()} has handed them over. Never throws. */
  @Override
  public void close() {
    if (state == State.OPEN || state == State.FAILED) {
      release();
      files.removeAll();
    }
    state = State.CLOSED;
  }

  private void requireOpen() {
    if (state != State.OPEN) {
      throw new IllegalStateException(
          "Cannot write to a data writer: it is " + state + ", expected OPEN [" + table + "]");
    }
  }

  /** The most files open at once so far. */
  int mostOpenFiles() {
    return files.mostOpen();
  }

  /** How many runs were spilled. */
  int runsWritten() {
    return flow instanceof WaitingFlow waiting ? waiting.runsWritten() : 0;
  }
}
