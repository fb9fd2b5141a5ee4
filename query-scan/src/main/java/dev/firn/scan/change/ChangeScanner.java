package dev.firn.scan.change;

import dev.firn.error.FirnException;
import dev.firn.scan.BatchCursor;
import dev.firn.scan.BatchCursors;
import dev.firn.scan.Decoding;
import dev.firn.scan.ScanRequest;
import dev.firn.scan.SnapshotSelector;
import dev.firn.scan.TableScanner;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;

/**
 * Reads the changes between snapshots of one table, as the {@code Table} knows it when a method is
 * called. Thread-safe where the table is; what it opens is confined to one thread.
 *
 * <p>A change is a row with Iceberg's columns {@code _change_type} (INSERT, DELETE, UPDATE_BEFORE,
 * UPDATE_AFTER), {@code _change_ordinal} (which of the snapshots read, from 0) and {@code
 * _commit_snapshot_id} behind its own. Deletes and inserts of one snapshot taken together turn the
 * rows before it into the rows after it, exactly, in any order. A snapshot that replaces files by
 * others with the same rows, as a compaction does, has no changes. Rows that a snapshot writes
 * again unchanged are left out: those of equal {@code _row_id} and {@code
 * _last_updated_sequence_number}, else those that are equal in every column of the schema read in.
 * A delete and an insert are a pair of updates where they have the same {@code _row_id}, else where
 * the table has identifier fields and these are equal; the pair is one after the other, and the
 * order is open otherwise.
 *
 * <p>Errors are {@link FirnException}s: not found for a point that the table does not have or that
 * has expired; invalid where {@code from} is no ancestor of {@code to}, for a token of another
 * table, an unknown column, or memory that does not suffice; those of {@link
 * dev.firn.scan.FileTaskReader} while reading.
 */
public final class ChangeScanner {
  private final Table table;
  private final Decoding decoding;

  public ChangeScanner(Table table, Decoding decoding) {
    this.table = table;
    this.decoding = decoding;
  }

  /**
   * The columns that the changes have, in order: those of the rows, in the current schema where a
   * branch's head is read up to, else in that of the snapshot, or of the one before where that is
   * later, and those that tell of the change.
   */
  public Schema schema(ChangeRequest request) {
    return schema(columns(request, ChangeRange.of(table, request)));
  }

  Schema schema(StepColumns columns) {
    return ChangeColumns.behind(columns.rows(), table.name());
  }

  /**
   * Reads the changes as records. The request is checked now; files open as they are asked for.
   * Batches come from {@code allocator}. The caller closes it, once or more often.
   */
  public CloseableIterable<Record> read(ChangeRequest request, BufferAllocator allocator) {
    ChangeRange range = ChangeRange.of(table, request);
    StepColumns columns = columns(request, range);
    return BatchCursors.records(
        schema(columns), () -> batches(request, range.steps(), columns, allocator));
  }

  /**
   * Reads the changes as Arrow batches. The reader owns its vectors, made from {@code allocator};
   * whoever retains a batch's buffers may keep them.
   */
  public ArrowReader readArrow(ChangeRequest request, BufferAllocator allocator) {
    ChangeRange range = ChangeRange.of(table, request);
    StepColumns columns = columns(request, range);
    return BatchCursors.arrow(
        schema(columns), batches(request, range.steps(), columns, allocator), allocator);
  }

  /** The changes of steps that are known. */
  BatchCursor batches(
      ChangeRequest request,
      List<ChangeStep> steps,
      StepColumns columns,
      BufferAllocator allocator) {
    return new ChangeBatches(table, steps, columns, request.filter(), decoding, allocator);
  }

  StepColumns columns(ChangeRequest request, ChangeRange range) {
    SnapshotSelector selector = selector(request, latestShape(range));
    TableScanner scanner = new TableScanner(table);
    List<String> names = request.columns();
    if (names != null) {
      names = names.stream().filter(name -> !ChangeColumns.isOne(name)).toList();
    }
    Schema all = scanner.schema(scan(selector, null));
    return StepColumns.of(
        all,
        names == null ? new Schema(all.columns()) : scanner.schema(scan(selector, names)),
        TableUtil.formatVersion(table) >= 3);
  }

  private static ScanRequest scan(SnapshotSelector selector, @Nullable List<String> names) {
    ScanRequest every = ScanRequest.EVERYTHING;
    return new ScanRequest(selector, names, every.filter(), every.limit());
  }

  /**
   * The end, or the beginning where that has the later schema: read backwards, an older schema
   * could be too narrow for the values of a newer one.
   */
  private static @Nullable Snapshot latestShape(ChangeRange range) {
    Snapshot latest = range.to();
    for (ChangeStep step : range.steps()) {
      Snapshot before = step.before();
      if (before != null && latest != null && shape(before) > shape(latest)) {
        latest = before;
      }
    }
    return latest;
  }

  private static int shape(Snapshot snapshot) {
    Integer schema = snapshot.schemaId();
    return schema == null ? -1 : schema;
  }

  /** A head is read in the current schema, as scans do. */
  private SnapshotSelector selector(ChangeRequest request, @Nullable Snapshot to) {
    if (to == null) {
      return new SnapshotSelector.Current();
    }
    SnapshotRef head = table.refs().get(request.branch());
    boolean isHead = head != null && head.isBranch() && head.snapshotId() == to.snapshotId();
    return isHead
        ? new SnapshotSelector.Ref(request.branch())
        : new SnapshotSelector.ById(to.snapshotId());
  }
}
