package dev.firn.scan;

import dev.firn.error.FirnException;
import dev.firn.format.parquet.filter.BatchPredicate;
import dev.firn.format.parquet.read.ParquetReader;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.types.Type;
import org.jspecify.annotations.Nullable;

/**
 * Reads single file tasks: every delete applied, schema evolved by field id, rows that satisfy the
 * filter exactly (SQL's three-valued logic), in file order. A task's own residual is not looked at:
 * this reader's filter decides. Thread-safe; each cursor it opens is confined to one thread.
 *
 * <p>How it works: a Parquet file is decoded to batches with filter and deletes applied on the way,
 * {@link ParquetReader}'s work; an Avro or ORC file is decoded to records by Iceberg's readers,
 * {@link TaskRows} applies filter and deletes, and batches are filled with what remains.
 *
 * <p>Failures while reading are {@link FirnException}s that name the file: corrupt where it is
 * missing or does not decode, unavailable where the store does not answer.
 */
public final class FileTaskReader {
  /** For delete files: what is kept loaded between tasks, and what is at work. */
  private static final long DELETE_BYTES =
      Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 4);

  private final Table table;
  private final Schema scanSchema;
  private final Schema projection;
  private final ScanFilter filter;
  private final Decoding decoding;
  private final ReadSchema readSchema;
  private final @Nullable NameMapping nameMapping;
  private final DataFileRows files;
  private final DeleteFiles deleteFiles;
  private final BooleanSupplier stop;
  private final boolean dictionaryStrings;

  /**
   * Reads in the table's current schema. {@code projection} may hold metadata columns ({@code
   * _file}, {@code _pos}, {@code _row_id}, …); {@code filter} may name any column.
   */
  public FileTaskReader(Table table, Schema projection, Expression filter) {
    this(table, table.schema(), projection, filter, Decoding.INLINE);
  }

  /** Reads in a schema of the table's past or present: the filter's names are that schema's. */
  public FileTaskReader(
      Table table, Schema schema, Schema projection, Expression filter, Decoding decoding) {
    this.table = table;
    this.scanSchema = schema;
    this.projection = projection;
    this.filter = ScanFilter.of(table, schema, filter);
    this.decoding = decoding;
    this.readSchema = new ReadSchema(table, schema, projection, this.filter);
    this.nameMapping = TableNameMapping.of(table);
    this.files = new DataFileRows(table, nameMapping);
    this.deleteFiles = new DeleteFiles(table, DELETE_BYTES);
    this.stop = () -> false;
    this.dictionaryStrings = false;
  }

  private FileTaskReader(
      FileTaskReader like,
      Decoding decoding,
      DeleteFiles deleteFiles,
      BooleanSupplier stop,
      boolean dictionaryStrings) {
    this.table = like.table;
    this.scanSchema = like.scanSchema;
    this.projection = like.projection;
    this.filter = like.filter;
    this.decoding = decoding;
    this.readSchema = like.readSchema;
    this.nameMapping = like.nameMapping;
    this.files = like.files.stoppedBy(stop);
    this.deleteFiles = deleteFiles;
    this.stop = stop;
    this.dictionaryStrings = dictionaryStrings;
  }

  private FileTaskReader(FileTaskReader like, Decoding decoding, DeleteFiles deleteFiles) {
    this(like, decoding, deleteFiles, like.stop, like.dictionaryStrings);
  }

  /**
   * The same, whose {@link #openArrow} leaves top-level strings as indices into {@link
   * BatchCursor#dictionaries}, where the file holds them so.
   */
  public FileTaskReader dictionaryStrings() {
    return new FileTaskReader(this, decoding, deleteFiles, stop, true);
  }

  /** The same, whose cursors fail soon after {@code stopped} is true; it is asked on any thread. */
  FileTaskReader stoppedBy(BooleanSupplier stopped) {
    return new FileTaskReader(this, decoding, deleteFiles, stopped, dictionaryStrings);
  }

  /** The same, with batches of at most so many rows, decoded in the thread that asks for them. */
  FileTaskReader batches(int rows) {
    return new FileTaskReader(this, new Decoding(rows, decoding.executor(), 0), deleteFiles);
  }

  /** The same, which decodes each file in the thread that asks for its rows. */
  FileTaskReader inline() {
    Decoding alone = new Decoding(decoding.batchRows(), decoding.executor(), 0);
    return new FileTaskReader(this, alone, deleteFiles);
  }

  /** The same, which holds at most so many bytes of what delete files say. */
  FileTaskReader deleteBytes(long most) {
    return new FileTaskReader(this, decoding, new DeleteFiles(table, most));
  }

  /** What it holds of delete files between tasks, in bytes. */
  long deleteBytesHeld() {
    return deleteFiles.cachedBytes();
  }

  /**
   * The task's rows as records, which outlive the batches that they are taken from. Opens nothing
   * before its iterator is asked for. Closing it closes the iterators.
   */
  public CloseableIterable<Record> open(FileScanTask task, BufferAllocator allocator) {
    return new CloseableRows(() -> new BatchRows(projection, openArrow(task, allocator)));
  }

  /**
   * Opens the task's rows as batches of the projection, in {@code ArrowSchemas.toArrow}'s types.
   * Borrows {@code allocator}; the caller closes the cursor.
   */
  public BatchCursor openArrow(FileScanTask task, BufferAllocator allocator) {
    return openArrow(task, allocator, Long.MAX_VALUE);
  }

  /**
   * As {@link #openArrow(FileScanTask, BufferAllocator)}, where at most {@code rows} rows will be
   * read.
   */
  BatchCursor openArrow(FileScanTask task, BufferAllocator allocator, long rows) {
    Decoding how = decoding.atMost(rows);
    try {
      return task.file().format() == FileFormat.PARQUET
          ? new ParquetBatches(parquet(task, how, allocator).open(allocator), e -> failed(task, e))
          : records(task, allocator, how);
    } catch (RuntimeException e) {
      throw failed(task, e);
    }
  }

  /**
   * The rows of tasks, one after the other, where files on remote stores are read ahead. Borrows
   * {@code tasks} and {@code allocator}; the caller closes it, and each cursor.
   */
  public TaskCursors inOrder(Iterator<FileScanTask> tasks, BufferAllocator allocator) {
    return new TaskCursors(this, tasks, allocator);
  }

  /** The tasks in order, large Parquet files in parts that can be read side by side. */
  public static List<FileScanTask> parts(List<FileScanTask> tasks) {
    List<FileScanTask> parts = new ArrayList<>();
    try (SplitTasks split = split(tasks)) {
      for (FileScanTask part = split.next(); part != null; part = split.next()) {
        parts.add(part);
      }
    }
    return parts;
  }

  private static SplitTasks split(List<FileScanTask> tasks) {
    return new SplitTasks(() -> CloseableIterable.withNoopClose(tasks), SplitTasks.LEAST_PART);
  }

  /**
   * The rows of tasks in the tasks' order, several of which are read at once on this reader's
   * threads, large files in parts. Borrows {@code allocator}; the caller closes it.
   */
  public TaskBatches together(List<FileScanTask> tasks, BufferAllocator allocator) {
    return new ParallelBatches(this, split(tasks), allocator, decoding, ScanRequest.EVERYTHING);
  }

  /** Whether some rows may be left out that no delete names. */
  boolean filters() {
    return filter.expression() != Expressions.alwaysTrue();
  }

  /** Whether {@link #start} can open the task. */
  boolean opensAhead(FileScanTask task) {
    return task.file().format() == FileFormat.PARQUET;
  }

  /**
   * As {@link #openArrow(FileScanTask, BufferAllocator, long)}, of a Parquet file, without waiting
   * for its footer.
   */
  ParquetBatches start(FileScanTask task, BufferAllocator allocator, long rows) {
    try {
      return new ParquetBatches(
          parquet(task, decoding.atMost(rows), allocator).atMost(rows).start(allocator),
          e -> failed(task, e));
    } catch (RuntimeException e) {
      throw failed(task, e);
    }
  }

  private ParquetReader.Builder parquet(
      FileScanTask task, Decoding how, BufferAllocator allocator) {
    Schema keys = readSchema.keys(task);
    ParquetReader.Builder reader = parquet(task, projection, keys, how);
    if (dictionaryStrings) {
      reader.dictionaryStrings();
    }
    if (filter.expression() != Expressions.alwaysTrue()) {
      reader.filter(readSchema.filtered(), filter.expression());
    }
    List<DeleteFile> positions =
        task.deletes().stream().filter(d -> d.content() == FileContent.POSITION_DELETES).toList();
    if (!positions.isEmpty()) {
      reader.deletes(() -> deleteFiles.loadPositionDeletes(positions, task.file().location()));
    }
    if (!keys.columns().isEmpty()) {
      reader.keep(EqualityDeletes.tested(keys), () -> equalityDeletes(task, keys, allocator));
    }
    return reader;
  }

  /** All of the task's rows, whatever is deleted. */
  private ParquetReader.Builder parquet(
      FileScanTask task, Schema columns, Schema keys, Decoding how) {
    ParquetReader.Builder reader =
        ParquetReader.of(table.io().newInputFile(task.file()), columns)
            .length(task.file().fileSizeInBytes())
            .constants(InternalConstants.of(table, task, id -> type(id, keys)))
            .split(task.start(), task.length())
            .batchRows(how.batchRows())
            .stop(stop)
            .executor(how.executor(), how.threads());
    if (nameMapping != null) {
      reader.nameMapping(nameMapping);
    }
    return reader;
  }

  private BatchPredicate equalityDeletes(
      FileScanTask task, Schema keys, BufferAllocator allocator) {
    Schema tested = EqualityDeletes.tested(keys);
    return EqualityDeletes.load(
        task.deletes(),
        task.estimatedRowsCount(),
        tested,
        deleteFiles,
        allocator,
        () -> keyRows(task, keys, tested, allocator));
  }

  private BatchCursor keyRows(
      FileScanTask task, Schema keys, Schema tested, BufferAllocator allocator) {
    Decoding alone = new Decoding(decoding.batchRows(), decoding.executor(), 0);
    return task.file().format() == FileFormat.PARQUET
        ? new ParquetBatches(parquet(task, tested, keys, alone).open(allocator), e -> e)
        : new RecordBatches(
            tested, files.open(task, tested).iterator(), allocator, alone.batchRows(), e -> e);
  }

  private @Nullable Type type(int id, Schema keys) {
    Type type = scanSchema.findType(id);
    return type == null ? keys.findType(id) : type;
  }

  private BatchCursor records(FileScanTask task, BufferAllocator allocator, Decoding how) {
    TaskRows rows =
        new TaskRows(
            table,
            task,
            files,
            readSchema,
            projection,
            filter,
            source -> live(source, task, allocator));
    return new RecordBatches(projection, rows, allocator, how.batchRows(), e -> failed(task, e));
  }

  private CloseableIterable<Record> live(
      CloseableIterable<Record> source, FileScanTask task, BufferAllocator allocator) {
    if (task.deletes().isEmpty()) {
      return source;
    }
    Schema stored = readSchema.of(task);
    CloseableIterable<Record> rows =
        new TaskDeletes(table, task, stored, deleteFiles).filter(source);
    Schema keys = readSchema.keys(task);
    if (keys.columns().isEmpty()) {
      return rows;
    }
    Schema tested = EqualityDeletes.tested(keys);
    RowProjector toTested = RowProjector.of(stored.asStruct(), tested.asStruct());
    BatchPredicate test = equalityDeletes(task, keys, allocator);
    return new CloseableRows(
        () -> new TestedRows(rows.iterator(), toTested, tested, test, allocator));
  }

  private FirnException failed(FileScanTask task, RuntimeException e) {
    return ReadFailures.of(e, "data file", task.file().location(), table.name());
  }
}
