package dev.firn.compaction.rewrite;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.scan.FileTaskReader;
import dev.firn.scan.TaskBatches;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.jspecify.annotations.Nullable;

/**
 * The live rows of a group's sources, one source after the other, with their positions: a cursor.
 * Counts them, and notes which rows were dead where it is asked to. Confined to one thread. Owns
 * the batches, which are valid until the next.
 */
final class LiveRows implements AutoCloseable {
  private final List<FileScanTask> sources;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final List<@Nullable DeadPositions> dead = new ArrayList<>();
  private final boolean noting;
  private final RewriteProgress progress;
  private final TaskBatches batches;
  private int source = -1;
  private long rowsOfSource;

  /**
   * @param reader of the rows' columns, and behind them their positions
   * @param noting whether to note dead rows
   */
  LiveRows(
      List<FileScanTask> sources,
      FileTaskReader reader,
      boolean noting,
      RewriteProgress progress,
      BufferAllocator allocator) {
    this.sources = sources;
    this.noting = noting;
    this.progress = progress;
    for (FileScanTask each : sources) {
      numbers.put(each.file().location(), numbers.size());
    }
    this.batches = reader.together(sources, allocator);
  }

  /** Loads the next batch; false at the end, after which all sources were checked. */
  boolean next() {
    boolean more = batches.next();
    int next = more ? numbers.getOrDefault(batches.task().file().location(), -1) : sources.size();
    while (source < next) {
      end();
      source++;
      rowsOfSource = 0;
      if (source < sources.size()) {
        dead.add(noting ? newDead(sources.get(source)) : null);
      }
    }
    if (more) {
      rowsOfSource += batches.root().getRowCount();
      note();
    }
    return more;
  }

  private static @Nullable DeadPositions newDead(FileScanTask source) {
    return source.deletes().isEmpty() ? null : new DeadPositions(source.file().recordCount());
  }

  private void note() {
    DeadPositions gone = dead.get(source);
    if (gone != null) {
      BigIntVector positions = positions();
      for (int row = 0; row < positions.getValueCount(); row++) {
        gone.live(positions.get(row));
      }
    }
  }

  private void end() {
    if (source < 0) {
      return;
    }
    FileScanTask done = sources.get(source);
    check(done, rowsOfSource);
    DeadPositions gone = dead.get(source);
    if (gone != null) {
      gone.end();
    }
    progress.advance(done.file().fileSizeInBytes(), rowsOfSource);
  }

  /** Which of the sources the batch is from. */
  int source() {
    return source;
  }

  /** The rows' positions in their file. */
  BigIntVector positions() {
    List<FieldVector> columns = batches.root().getFieldVectors();
    return (BigIntVector) columns.get(columns.size() - 1);
  }

  /** The rows, without their positions. Not to be closed. */
  VectorSchemaRoot rows() {
    VectorSchemaRoot batch = batches.root();
    List<FieldVector> columns = batch.getFieldVectors();
    List<FieldVector> values = columns.subList(0, columns.size() - 1);
    return new VectorSchemaRoot(
        values.stream().map(FieldVector::getField).toList(), values, batch.getRowCount());
  }

  /** Of each source, null where it had no deletes or they were not noted. */
  List<@Nullable DeadPositions> dead() {
    return dead;
  }

  /** The count of live rows is known exactly where only deletion vectors apply. */
  private static void check(FileScanTask source, long rows) {
    long stored = source.file().recordCount();
    long deleted = 0;
    boolean exact = true;
    for (DeleteFile delete : source.deletes()) {
      exact &= delete.format() == FileFormat.PUFFIN;
      deleted += delete.recordCount();
    }
    if (exact ? rows != stored - deleted : rows > stored) {
      throw new FirnException(
          ErrorKind.CORRUPT,
          "Cannot compact: the count of live rows is wrong, expected "
              + (exact ? "" : "at most ")
              + (stored - (exact ? deleted : 0))
              + ", got "
              + rows
              + "; nothing was committed ["
              + source.file().location()
              + "]");
    }
  }

  @Override
  public void close() {
    batches.close();
  }
}
