package dev.firn.format.parquet.write;

import dev.firn.error.FirnException;
import dev.firn.format.parquet.checksum.FooterSum;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.FieldMetrics;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.ParquetUtil;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.MessageType;

/**
 * A writer of one Parquet file from Arrow batches. Confined to one thread. Owns the file until
 * {@link #finish()}; closing it before that abandons the file, which the caller removes.
 *
 * <p>Memory: the compressed pages of one row group, one page being filled per column, and the
 * dictionaries, all from a child of the allocator.
 *
 * <p>A failure of any method leaves the writer failed: it can only be closed.
 */
public final class ParquetWriter implements AutoCloseable {
  static final String ICEBERG_SCHEMA = "iceberg.schema";
  // The footer's own fields, the writer's name, lengths and magic.
  private static final int FOOTER_BYTES = 160;

  private final String location;
  private final Schema schema;
  private final ParquetSettings settings;
  private final BufferAllocator memory;
  private final FileOutput output;
  private final ParquetFileWriter file;
  private final PageSums sums;
  private final ColumnSet columns;
  private final Map<String, String> entries;
  private final long footerBytes;
  private long rows;
  private long groupRows;
  private State state = State.OPEN;

  private enum State {
    OPEN,
    FAILED,
    FINISHED,
    CLOSED
  }

  private ParquetWriter(
      OutputFile target,
      Schema schema,
      ParquetSettings settings,
      MessageType type,
      BufferAllocator memory,
      Executor executor,
      int threads)
      throws IOException {
    this.location = target.location();
    this.schema = schema;
    this.settings = settings;
    this.memory = memory;
    this.columns =
        new ColumnSet(Leaves.of(schema, type), settings, memory, new Parallel(executor, threads));
    this.entries = new HashMap<>(settings.extra());
    entries.put(ICEBERG_SCHEMA, SchemaParser.toJson(schema));
    entries.put(FooterSum.KEY, FooterSum.PLACEHOLDER);
    this.footerBytes =
        entries.entrySet().stream()
                .mapToLong(entry -> entry.getKey().length() + entry.getValue().length() + 4)
                .sum()
            + FOOTER_BYTES;
    this.output = new FileOutput(target);
    this.sums = new PageSums(output);
    try {
      this.file =
          new ParquetFileWriter(
              output,
              type,
              ParquetFileWriter.Mode.CREATE,
              settings.rowGroupBytes(),
              0,
              null,
              ParquetProperties.builder().build());
      file.start();
    } catch (IOException | RuntimeException e) {
      columns.close();
      output.abandon();
      throw e;
    }
  }

  /**
   * Creates the file. Columns are {@code schema}'s, with its field ids; batches hold the vectors of
   * {@code ArrowSchemas.toArrow(schema)}, in order. A type that Parquet files cannot hold is {@code
   * INVALID}.
   */
  public static ParquetWriter create(
      OutputFile file, Schema schema, ParquetSettings settings, BufferAllocator allocator) {
    return create(file, schema, settings, allocator, Runnable::run, 0);
  }

  /** As above; columns are encoded on up to {@code threads} threads of {@code executor} besides. */
  public static ParquetWriter create(
      OutputFile file,
      Schema schema,
      ParquetSettings settings,
      BufferAllocator allocator,
      Executor executor,
      int threads) {
    MessageType type = FileSchema.of(schema, file.location());
    BufferAllocator child = allocator.newChildAllocator("parquet writer", 0, allocator.getLimit());
    try {
      return new ParquetWriter(file, schema, settings, type, child, executor, threads);
    } catch (IOException | UncheckedIOException e) {
      child.close();
      throw unavailable("create", file.location(), e);
    } catch (RuntimeException e) {
      child.close();
      throw e;
    }
  }

  /** Adds all rows of the batch, which is not referenced afterwards. */
  public void write(VectorSchemaRoot batch) {
    write(batch, 0, batch.getRowCount());
  }

  /**
   * Adds {@code count} rows of the batch from row {@code from}. A null in a required column is
   * {@code INVALID}, and leaves the writer failed.
   */
  public void write(VectorSchemaRoot batch, int from, int count) {
    if (from < 0 || count < 0 || (long) from + count > batch.getRowCount()) {
      throw FirnException.invalid(
          "Cannot write rows: the range is not within the batch, expected 0 to %d, got %d rows from %d [%s]"
              .formatted(batch.getRowCount(), count, from, location));
    }
    attempt(
        () -> {
          int step = columns.step(batch);
          for (int row = from; row < from + count; row += step) {
            int n = Math.min(step, from + count - row);
            columns.append(batch, row, n);
            rows += n;
            groupRows += n;
            if (columns.buffered() >= settings.rowGroupBytes()) {
              flushRowGroup();
            }
          }
        });
  }

  private interface Action {
    void run() throws IOException;
  }

  private void attempt(Action action) {
    if (state != State.OPEN) {
      throw new IllegalStateException("the Parquet writer is " + state + ": " + location);
    }
    state = State.FAILED;
    try {
      action.run();
    } catch (IOException | UncheckedIOException e) {
      throw unavailable("write", location, e);
    }
    state = State.OPEN;
  }

  static FirnException unavailable(String verb, String location, Exception cause) {
    return FirnException.unavailable(
        "Cannot %s a Parquet file: %s; retry [%s]".formatted(verb, cause.getMessage(), location),
        cause);
  }

  private void flushRowGroup() throws IOException {
    if (groupRows > 0) {
      columns.finishChunks();
      file.startBlock(groupRows);
      columns.writeTo(file, sums);
      file.endBlock();
      groupRows = 0;
    }
  }

  /** Rows added so far. */
  public long rows() {
    return rows;
  }

  /**
   * The length that the file would have if it were finished now, within a few percent; exact once
   * finished.
   */
  public long length() {
    if (state == State.FINISHED) {
      return output.position();
    }
    return output.position() + columns.estimate() + sums.bytes() + footerBytes;
  }

  /** Bytes held in memory. */
  public long memory() {
    return state == State.CLOSED ? 0 : memory.getAllocatedMemory() + columns.heapBytes();
  }

  /** Ends the current row group, so that {@link #memory()} falls to the footer's share. */
  public void endRowGroup() {
    attempt(
        () -> {
          flushRowGroup();
          columns.release();
        });
  }

  /** Writes the footer and closes the file, durably as its store does. */
  public void finish() {
    attempt(
        () -> {
          flushRowGroup();
          output.hold();
          long start = output.position();
          file.end(entries);
          sums.finish(file.getFooter().getBlocks(), start);
        });
    state = State.FINISHED;
  }

  /** Iceberg's metrics of the finished file. */
  public Metrics metrics() {
    List<FieldMetrics<?>> measured = new ArrayList<>(columns.metrics());
    return FileMetrics.of(schema, footer(), measured, settings.metrics());
  }

  /** Where row groups start, of the finished file. */
  public List<Long> splitOffsets() {
    return ParquetUtil.getSplitOffsets(footer());
  }

  private ParquetMetadata footer() {
    if (state == State.OPEN || state == State.FAILED) {
      throw new IllegalStateException("the Parquet file is not finished: " + location);
    }
    return file.getFooter();
  }

  @Override
  public void close() {
    if (state == State.CLOSED) {
      return;
    }
    state = State.CLOSED;
    columns.close();
    memory.close();
    try {
      output.abandon();
    } catch (IOException | UncheckedIOException e) {
      throw unavailable("close", location, e);
    }
  }
}
