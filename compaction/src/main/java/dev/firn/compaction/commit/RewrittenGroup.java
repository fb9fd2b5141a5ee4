package dev.firn.compaction.commit;

import dev.firn.compaction.rewrite.Rewritten;
import dev.firn.compaction.rewrite.RowMap;
import dev.firn.format.write.RowDeleteWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.deletes.Deletes;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.io.CloseableIterable;

/**
 * A rewritten group and the rows of its outputs that have died since its sources were read. Grows
 * from round to round; confined to one thread. Holds one bitmap for each output and source touched.
 */
final class RewrittenGroup {
  private final Rewritten rewritten;
  private final List<Source> sources = new ArrayList<>();
  private final List<Output> outputs = new ArrayList<>();

  RewrittenGroup(Rewritten rewritten, Map<Integer, PartitionSpec> specs) {
    this.rewritten = rewritten;
    for (FileScanTask task : rewritten.group().sources()) {
      sources.add(new Source(this, sources.size(), task));
    }
    for (DataFile file : rewritten.outputs()) {
      PartitionSpec spec = Objects.requireNonNull(specs.get(file.specId()));
      outputs.add(new Output(new ChosenDeletes(file, spec, List.of())));
    }
  }

  Rewritten rewritten() {
    return rewritten;
  }

  List<Source> sources() {
    return sources;
  }

  /** Those that take their rows into the table. */
  List<Output> outputs() {
    return outputs;
  }

  /** Whether there is nothing left to swap. */
  boolean isGone() {
    return sources.stream().allMatch(Source::isGone);
  }

  /** Whether some outputs stay out of the table: the hash of the content is not of what comes. */
  boolean lacksOutputs() {
    return outputs.stream().anyMatch(Output::isDead);
  }

  long deadRows() {
    return outputs.stream().mapToLong(Output::deadRows).sum();
  }

  void dropRowsOf(int source) {
    rewritten.rows().forEach(source, this::drop);
  }

  void dropRowsOf(int source, PositionDeleteIndex positions) {
    rewritten.rows().forEach(source, positions, this::drop);
  }

  private void drop(int output, long position) {
    outputs.get(output).drop(position);
  }

  /** One output. Mutable. */
  static final class Output {
    private final ChosenDeletes task;
    private final PositionDeleteIndex dead = Deletes.toPositionIndex(CloseableIterable.empty());
    private long deadRows;

    Output(ChosenDeletes task) {
      this.task = task;
    }

    DataFile file() {
      return task.file();
    }

    long deadRows() {
      return deadRows;
    }

    boolean isDead() {
      return deadRows == task.file().recordCount();
    }

    /** Whether it comes into the table with deletes. */
    boolean isMarked() {
      return deadRows > 0 && !isDead();
    }

    private void drop(long position) {
      if (!dead.isDeleted(position)) {
        dead.delete(position);
        deadRows++;
      }
    }

    void writeTo(RowDeleteWriter writer) {
      dead.forEach(position -> writer.delete(task, position));
    }
  }

  /** The row map, of which it is the group's to close. */
  RowMap rows() {
    return rewritten.rows();
  }
}
