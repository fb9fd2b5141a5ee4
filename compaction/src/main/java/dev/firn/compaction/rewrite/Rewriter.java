package dev.firn.compaction.rewrite;

import dev.firn.compaction.plan.FileGroup;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.hash.ContentHash;
import dev.firn.format.write.DataWriter;
import dev.firn.format.write.WriteOptions;
import dev.firn.scan.BatchCursor;
import dev.firn.scan.FileTaskReader;
import dev.firn.scan.TaskCursors;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.TypeUtil;
import org.jspecify.annotations.Nullable;

/**
 * Writes the live rows of a group's sources to new files, under the table's schema and spec at that
 * moment, and tells where each went. On v3 rows keep their ids and their last-updated sequence
 * numbers. Confined to one thread.
 *
 * <p>Outcomes of {@link #rewrite}: the outputs, which are the caller's; or a failure, and then no
 * output is left.
 */
public final class Rewriter implements AutoCloseable {
  /** What the bitmaps of dead rows may hold, in rows, for the map to be kept in memory. */
  private static final long MOST_BITS = 64L << 23;

  private static final int ROWS_BETWEEN_UPDATES = 65_536;

  private final Table table;
  private final RewriteOptions options;

  private Rewriter(Table table, RewriteOptions options) {
    this.table = table;
    this.options = options;
  }

  /** Opens a rewriter of a table, whose current schema and spec are looked at for each group. */
  public static Rewriter open(Table table, RewriteOptions options) {
    return new Rewriter(table, options);
  }

  /** Rewrites a group. Leaves no file behind where it fails. */
  public Rewritten rewrite(FileGroup group) {
    Rewritten done = isInOrder(group) ? decode(group, true) : decode(group, false);
    if (done.method() == Rewritten.Method.IN_ORDER && partitions(done) > 1) {
      // A source held rows of other partitions than its own: places cannot be computed.
      done.rows().close();
      Outputs.remove(table.io(), options.registrar(), done.outputs());
      return decode(group, false);
    }
    return done;
  }

  private static long partitions(Rewritten done) {
    return done.outputs().stream().map(DataFile::partition).distinct().count();
  }

  private Rewritten decode(FileGroup group, boolean inOrder) {
    Schema stored = stored();
    List<FileScanTask> sources = group.sources();
    RecordedRows recorded = null;
    if (!inOrder) {
      Origin.check(sources.size(), sources.stream().mapToLong(Rewriter::rows).max().orElse(0));
      recorded = RecordedRows.create(options.directory());
    }
    boolean done = false;
    try (DataWriter writer = DataWriter.open(table, writeOptions(group, stored, recorded))) {
      List<@Nullable DeadPositions> dead = copy(sources, stored, writer, recorded != null);
      long rows = writer.rows();
      List<DataFile> outputs = List.copyOf(writer.complete());
      check(sources, outputs, rows);
      RowMap map =
          recorded == null
              ? new InOrderRows(sources.stream().map(Rewriter::rows).toList(), dead, outputs)
              : recorded.complete(outputs);
      done = true;
      return new Rewritten(
          group,
          outputs,
          map,
          new ContentHash(rows, 0, 0),
          inOrder ? Rewritten.Method.IN_ORDER : Rewritten.Method.SORT);
    } finally {
      if (!done && recorded != null) {
        recorded.close();
      }
    }
  }

  private static long rows(FileScanTask source) {
    return source.file().recordCount();
  }

  private Schema stored() {
    return TableUtil.supportsRowLineage(table)
        ? MetadataColumns.schemaWithRowLineage(table.schema())
        : table.schema();
  }

  /** Whether rows come out in the order in which they are read, and where they went is computed. */
  private boolean isInOrder(FileGroup group) {
    SortOrder order = options.sortOrder() == null ? table.sortOrder() : options.sortOrder();
    if (options.rowOrder() != null || order.isSorted()) {
      return false;
    }
    long bits = 0;
    DataFile first = group.sources().get(0).file();
    for (FileScanTask source : group.sources()) {
      boolean same =
          source.file().specId() == table.spec().specId()
              && source.file().partition().equals(first.partition());
      if (table.spec().isPartitioned() && !same) {
        return false;
      }
      bits += source.deletes().isEmpty() ? 0 : rows(source);
    }
    return bits <= MOST_BITS;
  }

  private WriteOptions writeOptions(
      FileGroup group, Schema stored, @Nullable RecordedRows recorded) {
    PartitionSpec spec = table.spec();
    WriteOptions write =
        new WriteOptions(stored, spec, group.fileBytes())
            .withRegistrar(options.registrar())
            .withAllocator(options.allocator())
            .withMemoryBytes(options.memoryBytes());
    if (options.directory() != null) {
      write = write.withSpillDirectory(options.directory());
    }
    if (options.sortOrder() != null) {
      write = write.withSortOrder(options.sortOrder());
    }
    if (options.rowOrder() != null) {
      write = write.withRowOrder(options.rowOrder());
    }
    return recorded == null ? write : write.withPlaces(recorded);
  }

  private List<@Nullable DeadPositions> copy(
      List<FileScanTask> sources, Schema stored, DataWriter writer, boolean recorded) {
    Schema read = TypeUtil.join(stored, new Schema(MetadataColumns.ROW_POSITION));
    FileTaskReader reader = new FileTaskReader(table, read, Expressions.alwaysTrue());
    List<@Nullable DeadPositions> dead = new ArrayList<>();
    try (TaskCursors cursors = reader.inOrder(sources.iterator(), options.allocator())) {
      for (int s = 0; s < sources.size(); s++) {
        FileScanTask source = sources.get(s);
        DeadPositions gone =
            recorded || source.deletes().isEmpty() ? null : new DeadPositions(rows(source));
        long rows = 0;
        long told = 0;
        try (BatchCursor live = Objects.requireNonNull(cursors.next())) {
          while (live.next()) {
            write(live.root(), writer, recorded ? s : -1, gone);
            rows += live.root().getRowCount();
            if (rows - told >= ROWS_BETWEEN_UPDATES) {
              options.progress().advance(0, rows - told);
              told = rows;
            }
          }
        }
        check(source, rows);
        if (gone != null) {
          gone.end();
        }
        dead.add(gone);
        options.progress().advance(source.file().fileSizeInBytes(), rows - told);
      }
    }
    return dead;
  }

  /** {@code source} is negative where the rows' places are not recorded. */
  private static void write(
      VectorSchemaRoot batch, DataWriter writer, int source, @Nullable DeadPositions gone) {
    List<FieldVector> columns = batch.getFieldVectors();
    BigIntVector positions = (BigIntVector) columns.get(columns.size() - 1);
    List<FieldVector> values = columns.subList(0, columns.size() - 1);
    VectorSchemaRoot rows =
        new VectorSchemaRoot(
            values.stream().map(FieldVector::getField).toList(), values, batch.getRowCount());
    if (source >= 0) {
      Origin.of(source, positions);
      writer.write(rows, positions);
      return;
    }
    if (gone != null) {
      for (int row = 0; row < batch.getRowCount(); row++) {
        gone.live(positions.get(row));
      }
    }
    writer.write(rows);
  }

  /** The count of live rows is known exactly where only deletion vectors apply. */
  private static void check(FileScanTask source, long rows) {
    long stored = rows(source);
    long deleted = 0;
    boolean exact = true;
    for (DeleteFile delete : source.deletes()) {
      exact &= delete.format() == FileFormat.PUFFIN;
      deleted += delete.recordCount();
    }
    if (exact ? rows != stored - deleted : rows > stored) {
      throw corrupt(
          source, "live rows", (exact ? "" : "at most ") + (stored - (exact ? deleted : 0)), rows);
    }
  }

  private void check(List<FileScanTask> sources, List<DataFile> outputs, long rows) {
    long written = outputs.stream().mapToLong(DataFile::recordCount).sum();
    if (written != rows) {
      Outputs.remove(table.io(), options.registrar(), outputs);
      throw corrupt(sources.get(0), "rows written", Long.toString(rows), written);
    }
  }

  private static FirnException corrupt(
      FileScanTask source, String what, String expected, long actual) {
    return new FirnException(
        ErrorKind.CORRUPT,
        "Cannot compact: the count of "
            + what
            + " is wrong, expected "
            + expected
            + ", got "
            + actual
            + "; nothing was committed ["
            + source.file().location()
            + "]");
  }

  /** Idempotent. */
  @Override
  public void close() {
    // No thread is its own yet.
  }
}
