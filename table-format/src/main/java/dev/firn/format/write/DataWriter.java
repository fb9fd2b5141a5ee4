package dev.firn.format.write;

import dev.firn.format.arrow.ArrowRows;
import dev.firn.format.row.RowConformer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.util.PropertyUtil;

/**
 * A writer of data files: rows in any order, split by partition, sorted by the table's sort order
 * within each file, rolled at {@code write.target-file-size-bytes}, in bounded memory whatever the
 * number of partitions. Confined to one thread.
 *
 * <p>Memory: about an eighth of the heap, at most 256 MB, holds rows and encoded pages of all files
 * together; a file open alone may hold a quarter of the heap. Where that does not suffice for all
 * partitions at once, files are finished before they reach the target size.
 *
 * <p>Errors: a row that does not fit its columns is {@code INVALID}, names the column, and leaves
 * the writer as it was before that row. Any other failure ends the writer: only {@link #close()}
 * remains, and it removes every file. Iceberg's own data files: format, metrics and codec follow
 * the table's {@code write.*} properties.
 */
public final class DataWriter implements AutoCloseable {
  private enum State {
    OPEN,
    FAILED,
    COMPLETE,
    CLOSED
  }

  private final String table;
  private final Schema schema;
  private final FileSink files;
  private final RowFlow flow;
  private final RowConformer conformer;
  private final PartitionKey partition;
  private final InternalRecordWrapper wrapper;
  private final boolean partitioned;
  private State state = State.OPEN;
  private long rows;

  private DataWriter(Table table, WriteOptions options, WriteLimits limits) {
    this.table = table.name();
    this.schema = options.schema() == null ? table.schema() : options.schema();
    FileFormat format = Writability.format(table);
    Writability.check(table, schema, format);
    PartitionSpec spec = options.spec() == null ? table.spec() : options.spec();
    SortOrder order = table.sortOrder();
    this.files = new FileSink(table, schema, spec, order, targetBytes(table, options));
    this.flow =
        order.isSorted()
            ? new SortedFlow(files, limits, schema, order)
            : new UnsortedFlow(files, limits);
    this.conformer = new RowConformer(schema, table.name());
    this.partition = new PartitionKey(spec, schema);
    this.wrapper = new InternalRecordWrapper(schema.asStruct());
    this.partitioned = spec.isPartitioned();
  }

  /** Opens a writer under the table's current schema, spec, sort order and properties. */
  public static DataWriter open(Table table) {
    return open(table, WriteOptions.OF_TABLE);
  }

  public static DataWriter open(Table table, WriteOptions options) {
    return new DataWriter(table, options, WriteLimits.ofHeap());
  }

  static DataWriter open(Table table, WriteOptions options, WriteLimits limits) {
    return new DataWriter(table, options, limits);
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
    RowConformer.Conformed conformed = conformer.conform(row);
    try {
      if (partitioned) {
        partition.partition(wrapper.wrap(conformed.row()));
      }
      flow.add(partition, conformed.row(), conformed.bytes());
      rows++;
    } catch (IOException e) {
      state = State.FAILED;
      throw WrittenFiles.failed("data files", table, e);
    } catch (UncheckedIOException e) {
      state = State.FAILED;
      throw WrittenFiles.failed("data files", table, e);
    } catch (RuntimeException | Error e) {
      state = State.FAILED;
      throw e;
    }
  }

  /**
   * Adds the batch's rows, columns matched by name. The batch stays the caller's and is not
   * referenced afterwards. A row that does not fit ends the writer, since rows before it were
   * taken.
   */
  public void write(VectorSchemaRoot batch) {
    requireOpen();
    boolean done = false;
    try {
      for (Record row : ArrowRows.rows(batch, schema)) {
        write(row);
      }
      done = true;
    } finally {
      state = done ? state : State.FAILED;
    }
  }

  /** Rows taken so far. */
  public long rows() {
    return rows;
  }

  /** Bytes of files completed or buffered so far, an estimate until {@link #complete()}. */
  public long bytes() {
    return files.finishedBytes() + flow.pendingBytes();
  }

  /** Closes every file and returns them. They are the caller's to commit or to remove. */
  public List<DataFile> complete() {
    requireOpen();
    state = State.FAILED;
    try {
      flow.finish();
    } catch (IOException e) {
      throw WrittenFiles.failed("data files", table, e);
    } catch (UncheckedIOException e) {
      throw WrittenFiles.failed("data files", table, e);
    }
    state = State.COMPLETE;
    return files.finished();
  }

  /** Removes every file written, unless {@link #complete()} has handed them over. Never throws. */
  @Override
  public void close() {
    if (state == State.OPEN || state == State.FAILED) {
      flow.abandon();
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
    return flow instanceof UnsortedFlow unsorted ? unsorted.mostOpen() : 1;
  }
}
