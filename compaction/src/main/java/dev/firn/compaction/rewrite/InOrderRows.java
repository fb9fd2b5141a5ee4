package dev.firn.compaction.rewrite;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.jspecify.annotations.Nullable;

/**
 * The row map of a rewrite that kept the order of its sources' rows: computed, {@code base + p −
 * rank(dead, p)}. Holds a bit for each row of sources that had dead ones.
 */
final class InOrderRows implements RowMap {
  private final long[] rows;
  private final @Nullable DeadPositions[] dead;
  private final long[] bases;
  private final long[] starts;

  /**
   * @param dead of each source, null for one without dead rows
   * @param outputs in the order in which they took rows
   */
  InOrderRows(
      List<FileScanTask> sources, List<@Nullable DeadPositions> dead, List<DataFile> outputs) {
    this(
        sources.stream().mapToLong(source -> source.file().recordCount()).toArray(), dead, outputs);
  }

  private InOrderRows(long[] rows, List<@Nullable DeadPositions> dead, List<DataFile> outputs) {
    int count = rows.length;
    this.rows = rows;
    this.dead = dead.toArray(new DeadPositions[0]);
    this.bases = new long[count];
    long base = 0;
    for (int s = 0; s < count; s++) {
      bases[s] = base;
      DeadPositions gone = this.dead[s];
      base += this.rows[s] - (gone == null ? 0 : gone.rank(this.rows[s]));
    }
    this.starts = new long[outputs.size() + 1];
    for (int o = 0; o < outputs.size(); o++) {
      starts[o + 1] = starts[o] + outputs.get(o).recordCount();
    }
  }

  /** Of sources without a live row. */
  static InOrderRows none(int sources) {
    return new InOrderRows(new long[sources], Collections.nCopies(sources, null), List.of());
  }

  @Override
  public void forEach(int source, PositionDeleteIndex positions, Places places) {
    positions.forEach(position -> tell(source, position, places));
  }

  @Override
  public void forEach(int source, Places places) {
    for (long position = 0; position < rows[source]; position++) {
      tell(source, position, places);
    }
  }

  private void tell(int source, long position, Places places) {
    DeadPositions gone = dead[source];
    if (position >= rows[source] || (gone != null && gone.contains(position))) {
      return;
    }
    long at = bases[source] + position - (gone == null ? 0 : gone.rank(position));
    int found = Arrays.binarySearch(starts, at);
    int output = found < 0 ? -found - 2 : found;
    places.at(output, at - starts[output]);
  }

  @Override
  public void close() {
    // Nothing but memory.
  }
}
