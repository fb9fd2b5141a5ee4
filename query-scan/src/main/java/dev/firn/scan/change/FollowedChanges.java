package dev.firn.scan.change;

import dev.firn.scan.BatchCursors;
import java.time.Instant;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;

/** The changes of one snapshot, or of several as one. Immutable; what it opens has one thread. */
public final class FollowedChanges {
  private final ChangeScanner scanner;
  private final ChangeRequest request;
  private final ChangeStep step;
  private final StepColumns columns;
  private final FeedToken token;

  FollowedChanges(
      ChangeScanner scanner,
      ChangeRequest request,
      ChangeStep step,
      StepColumns columns,
      FeedToken token) {
    this.scanner = scanner;
    this.request = request;
    this.step = step;
    this.columns = columns;
    this.token = token;
  }

  /** The last snapshot that the changes are of. */
  public long snapshotId() {
    return step.after().snapshotId();
  }

  public Instant committedAt() {
    return Instant.ofEpochMilli(step.after().timestampMillis());
  }

  /** Where to go on once these changes are read and worked on. */
  public FeedToken token() {
    return token;
  }

  /** The columns of the changes, in the schema that was current when they were found. */
  public Schema schema() {
    return scanner.schema(columns);
  }

  /** As {@link ChangeScanner#read}. */
  public CloseableIterable<Record> read(BufferAllocator allocator) {
    return BatchCursors.records(
        schema(), () -> scanner.batches(request, List.of(step), columns, allocator));
  }

  /** As {@link ChangeScanner#readArrow}. */
  public ArrowReader readArrow(BufferAllocator allocator) {
    return BatchCursors.arrow(
        schema(), scanner.batches(request, List.of(step), columns, allocator), allocator);
  }
}
