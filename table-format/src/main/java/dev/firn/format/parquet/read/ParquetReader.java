package dev.firn.format.parquet.read;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.parquet.filter.BatchPredicate;
import dev.firn.format.parquet.filter.RowGroupPruner;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.iceberg.Schema;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.mapping.NameMapping;
import org.jspecify.annotations.Nullable;

/**
 * One Parquet file, or a split of it, as Arrow batches of an expected Iceberg schema: a cursor in
 * file order. Confined to one thread. Owns its batches; one is valid until the next {@link #next()}
 * or {@link #close()}, which use its memory again: whoever keeps a vector transfers it ({@code
 * TransferPair}) or copies it.
 *
 * <p>A store that fails is {@code UNAVAILABLE}, a damaged file {@code CORRUPT} with its place, too
 * little memory {@code INVALID}. After a failure only {@link #close()} is left to be called.
 */
public final class ParquetReader implements AutoCloseable {
  /**
   * Starts the description of a read. {@code projection} may hold metadata columns; batches have
   * exactly its columns, in order, in the types of {@code ArrowSchemas.toArrow}.
   */
  public static Builder of(InputFile file, Schema projection) {
    return new Builder(file, projection);
  }

  private final String location;
  private final FileRead read;
  private boolean closed;

  private ParquetReader(String location, FileRead read) {
    this.location = location;
    this.read = read;
  }

  static FirnException outOfMemory(String location, OutOfMemoryException cause) {
    return new FirnException(
        ErrorKind.INVALID,
        "Cannot read Parquet file: the memory limit is reached: %s; raise it, or lower the batch rows [%s]"
            .formatted(cause.getMessage(), location),
        cause);
  }

  /** Loads the next batch, never an empty one; false at the end. */
  public boolean next() {
    if (closed) {
      throw new IllegalStateException("The reader is closed");
    }
    try {
      return read.next();
    } catch (OutOfMemoryException e) {
      throw outOfMemory(location, e);
    }
  }

  /** The root that every batch is loaded into. */
  public VectorSchemaRoot root() {
    return read.root();
  }

  /**
   * The dictionaries of the current batch, by the place of the column; empty without {@link
   * Builder#dictionaryStrings()}. Their vectors are valid as long as the batch.
   */
  public DictionaryProvider dictionaries() {
    return read.dictionaries();
  }

  /** What was read and what was left out, so far. */
  public ReadCounters counters() {
    return read.counters();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      read.close();
    }
  }

  /** The description of a read: a builder. */
  public static final class Builder {
    private final ReadSpec spec;

    Builder(InputFile file, Schema projection) {
      this.spec = new ReadSpec(file, projection);
    }

    /**
     * Keeps exactly the rows for which {@code filter} is true. {@code schema} gives its names their
     * fields, which need not be projected.
     */
    public Builder filter(Schema schema, Expression filter) {
      spec.filterSchema = schema;
      spec.filter = filter;
      return this;
    }

    /**
     * Keeps the rows that {@code predicate} keeps, after {@link #filter}; it is given batches of
     * {@code columns}, which need not be projected.
     */
    public Builder keep(Schema columns, BatchPredicate predicate) {
      spec.keepColumns = columns;
      spec.keep = predicate;
      return this;
    }

    /** Leaves out the rows at these positions of the file. */
    public Builder deletes(PositionDeleteIndex positions) {
      spec.deletes = positions;
      return this;
    }

    /**
     * Values by field id, in Iceberg's internal representation, that stand instead of what the file
     * holds: partition values and metadata columns. {@code _pos} is known without; {@code _row_id}
     * and {@code _last_updated_sequence_number} are taken for rows where the file has none ({@code
     * _row_id}: the file's first row id, to which the position is added; where that is missing,
     * both are null).
     */
    public Builder constants(Map<Integer, ? extends @Nullable Object> values) {
      spec.constants = new HashMap<>(values);
      return this;
    }

    /**
     * Names for files without field ids; without one, such a file is read by name of the expected
     * schema.
     */
    public Builder nameMapping(NameMapping mapping) {
      spec.nameMapping = mapping;
      return this;
    }

    /** Reads the row groups whose first byte lies in {@code [start, start + length)}. */
    public Builder split(long start, long length) {
      spec.splitStart = start;
      spec.splitEnd = length > Long.MAX_VALUE - start ? Long.MAX_VALUE : start + length;
      return this;
    }

    /** The most rows of a batch; 32,768 unless told. */
    public Builder batchRows(int rows) {
      spec.batchRows = rows;
      return this;
    }

    /**
     * Top-level string columns of which the file holds every page dictionary-encoded come out so:
     * as 32-bit indices into {@link ParquetReader#dictionaries}, under the place of the column.
     */
    public Builder dictionaryStrings() {
      spec.dictionaryStrings = true;
      return this;
    }

    /**
     * Decodes columns and fetches ranges ahead on up to {@code threads} threads of {@code
     * executor}; 0: inline.
     */
    public Builder executor(Executor executor, int threads) {
      spec.executor = executor;
      spec.threads = threads;
      return this;
    }

    /** What may be pruned by; everything unless told. */
    public Builder pruning(RowGroupPruner.Means means) {
      spec.pruning = means;
      return this;
    }

    /** Decodes every column whole before the filter, rather than the filter's columns first. */
    public Builder eager() {
      spec.eager = true;
      return this;
    }

    /**
     * Opens the file and reads its footer. The reader allocates from a child of {@code allocator},
     * and closes it. A file that is not a sound Parquet file is {@code CORRUPT}.
     */
    public ParquetReader open(BufferAllocator allocator) {
      spec.checkBatchRows();
      BufferAllocator child =
          allocator.newChildAllocator("parquet reader", 0, allocator.getLimit());
      String location = spec.file.location();
      try {
        return new ParquetReader(location, new FileRead(spec, child));
      } catch (OutOfMemoryException e) {
        throw outOfMemory(location, e);
      }
    }
  }
}
