package dev.firn.compaction.commit;

import dev.firn.format.write.WrittenFiles;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.ValidationException;
import org.jspecify.annotations.Nullable;

/**
 * A swap whose manifests of data files are written, so that little is left to do between the last
 * look and the commit. To be committed once, or discarded.
 */
final class Prepared {
  private final Swap data;
  private final DataFirst operations;
  private final RewriteFiles update;

  private Prepared(Swap data, DataFirst operations, RewriteFiles update) {
    this.data = data;
    this.operations = operations;
    this.update = update;
  }

  /**
   * Prepares the data files of a swap, against the table as it was last refreshed; null where that
   * cannot be done.
   */
  static @Nullable Prepared of(Table table, Swap swap) {
    if (!(table instanceof BaseTable base) || !swap.isReplace()) {
      return null;
    }
    DataFirst operations = new DataFirst(base.operations());
    RewriteFiles update = new BaseTable(operations, base.name(), base.reporter()).newRewrite();
    Prepared prepared = new Prepared(swap, operations, update);
    boolean done = false;
    try {
      swap.putData(update);
      operations.write(update);
      done = true;
      return prepared;
    } catch (ValidationException | IllegalArgumentException e) {
      // Others share the handle, and refreshed it: the next look will tell.
      return null;
    } finally {
      if (!done) {
        prepared.discard(table);
      }
    }
  }

  /** Whether it is this swap's, whatever its deletes. */
  boolean fits(Swap swap) {
    return swap.isReplace()
        && swap.going().equals(data.going())
        && swap.coming().equals(data.coming());
  }

  /** Returns the commit of a swap that fits; as {@link Swap#on}. */
  SnapshotUpdate<?> with(Swap swap, Snapshot from, Map<String, String> summary) {
    return swap.putDeletes(update, from, summary);
  }

  /** Removes what was written, as far as it can be. */
  void discard(Table table) {
    List<String> unused = WrittenFiles.remove(table.io(), operations.written());
  }
}
