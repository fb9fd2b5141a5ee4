package dev.firn.format.parquet.read;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.parquet.filter.BatchPredicate;
import dev.firn.format.parquet.filter.RowGroupPruner;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
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
  private final ReadSpec spec;
  private final FileOpening opening;
  private @Nullable FileRead read;
  private @Nullable RuntimeException failure;
  private boolean closed;

  private ParquetReader(ReadSpec spec, FileOpening opening) {
    this.location = spec.file.location();
    this.spec = spec;
    this.opening = opening;
  }

  static FirnException outOfMemory(String location, OutOfMemoryException cause) {
    return new FirnException(
        ErrorKind.INVALID,
        "Cannot read Parquet file: the memory limit is reached: %s; raise it, or lower the batch rows [%s]"
            .formatted(cause.getMessage(), location),
        cause);
  }

  /**
   * Goes on with what {@link Builder#start} began, as far as that needs no waiting for a store:
   * once the footer is here, starts to fetch what is read first, unless that takes more than {@code
   * bytes} of memory. Of a local file nothing is fetched. What fails, fails again at {@link #next}.
   */
  public void prefetch(long bytes) {
    if (closed || failure != null || opening.file().isLocal() || !opening.isHere()) {
      return;
    }
    try {
      read().prefetch(bytes);
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  /** The bytes of memory that are held at the moment. */
  public long memory() {
    return closed || failure != null ? 0 : opening.allocator().getAllocatedMemory();
  }

  /**
   * Whether the file's store was seen to answer requests later than they were made: only there is
   * it of use to read ahead.
   */
  public boolean answersLater() {
    return opening.file().answersLater();
  }

  private FileRead read() {
    FileRead opened = read;
    if (opened == null) {
      opened = new FileRead(spec, opening);
      read = opened;
    }
    return opened;
  }

  /** Waits for the footer, which is an error of the file where it is not sound. */
  private FileRead ready() {
    if (closed) {
      throw new IllegalStateException("The reader is closed");
    }
    if (failure == null) {
      try {
        return read();
      } catch (RuntimeException e) {
        failure = e;
      }
    }
    throw failure instanceof OutOfMemoryException e ? outOfMemory(location, e) : failure;
  }

  /** Loads the next batch, never an empty one; false at the end. */
  public boolean next() {
    FileRead open = ready();
    try {
      return open.next();
    } catch (OutOfMemoryException e) {
      throw outOfMemory(location, e);
    }
  }

  /** The root that every batch is loaded into. */
  public VectorSchemaRoot root() {
    return ready().root();
  }

  /**
   * The dictionaries of the current batch, by the place of the column; empty without {@link
   * Builder#dictionaryStrings()}. Their vectors are valid as long as the batch.
   */
  public DictionaryProvider dictionaries() {
    return ready().dictionaries();
  }

  /** What was read and what was left out, so far. */
  public ReadCounters counters() {
    return opening.counts().snapshot();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      FileRead opened = read;
      if (opened != null) {
        opened.close();
      } else {
        opening.close();
      }
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
      return keep(columns, () -> predicate);
    }

    /** As {@link #keep(Schema, BatchPredicate)}, where it is asked for once, with the footer. */
    public Builder keep(Schema columns, Supplier<BatchPredicate> predicate) {
      spec.keepColumns = columns;
      spec.keep = predicate;
      return this;
    }

    /** Leaves out the rows at these positions of the file. */
    public Builder deletes(PositionDeleteIndex positions) {
      return deletes(() -> positions);
    }

    /** As {@link #deletes(PositionDeleteIndex)}, where they are asked for once, with the footer. */
    public Builder deletes(Supplier<PositionDeleteIndex> positions) {
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
     * The file's length in bytes, where it is known: a store is not asked for it then. Of a local
     * file it is not looked at.
     */
    public Builder length(long bytes) {
      spec.length = bytes;
      return this;
    }

    /** At most so many rows will be asked for: no more is fetched ahead than may be needed. */
    public Builder atMost(long rows) {
      spec.rows = rows;
      return this;
    }

    /**
     * Asked from the thread that reads, some times per row group: once it is true, the read ends
     * with a {@link java.util.concurrent.CancellationException}.
     */
    public Builder stop(BooleanSupplier stopped) {
      spec.stop = stopped;
      return this;
    }

    /** How much of a file's end comes with the footer. */
    Builder tailBytes(int bytes) {
      spec.tailBytes = bytes;
      return this;
    }

    /**
     * Opens the file and reads its footer. The reader allocates from a child of {@code allocator},
     * and closes it. A file that is not a sound Parquet file is {@code CORRUPT}.
     */
    public ParquetReader open(BufferAllocator allocator) {
      ParquetReader reader = start(allocator);
      try {
        FileRead unused = reader.ready();
        return reader;
      } catch (RuntimeException | Error e) {
        reader.close();
        throw e;
      }
    }

    /**
     * Opens the file without waiting for the footer, which is on its way where the {@link #length}
     * is known and the store reads in the background. The reader waits for it when it is first
     * asked for something; see {@link ParquetReader#prefetch}.
     */
    public ParquetReader start(BufferAllocator allocator) {
      spec.checkBatchRows();
      BufferAllocator child =
          allocator.newChildAllocator("parquet reader", 0, allocator.getLimit());
      try {
        return new ParquetReader(spec, new FileOpening(spec, child));
      } catch (OutOfMemoryException e) {
        throw outOfMemory(spec.file.location(), e);
      }
    }
  }
}
