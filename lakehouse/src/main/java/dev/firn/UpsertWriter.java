package dev.firn;

import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.error.FirnException;
import java.util.Optional;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;

/**
 * A writer of rows that replace and delete others by key, all of which takes effect as one snapshot
 * at {@link #commit()}; closed without it, every file that was written is removed. Confined to one
 * thread. Memory is bounded.
 *
 * <p>The key is the table's identifier fields. Changes of one key take effect in order.
 */
public final class UpsertWriter implements AutoCloseable {
  private final String doing;
  private final UpsertSink changes;
  private boolean committed;

  UpsertWriter(String doing, UpsertSink changes) {
    this.doing = doing;
    this.changes = changes;
  }

  /** Returns the columns that rows must have. */
  public Schema schema() {
    return changes.schema();
  }

  /** As {@link StreamWriter#upsert(Record)}. */
  public void upsert(Record row) {
    changes.upsert(row);
  }

  /** As {@link StreamWriter#upsert(VectorSchemaRoot)}. */
  public void upsert(VectorSchemaRoot rows) {
    changes.upsert(rows);
  }

  /** As {@link StreamWriter#upsert(Object)}. */
  public void upsert(Object row) {
    changes.upsert(row);
  }

  /** Upserts each element as {@link #upsert(Object)}. */
  public void upsertAll(Iterable<?> all) {
    all.forEach(this::upsert);
  }

  /** As {@link StreamWriter#delete(Record)}. */
  public void delete(Record row) {
    changes.delete(row);
  }

  /** As {@link StreamWriter#delete(VectorSchemaRoot)}. */
  public void delete(VectorSchemaRoot rows) {
    changes.delete(rows);
  }

  /** As {@link StreamWriter#delete(Object)}. */
  public void delete(Object row) {
    changes.delete(row);
  }

  /** Returns the rows upserted and deleted so far. */
  public long rows() {
    return changes.changes();
  }

  /**
   * Makes the changes visible as one snapshot. Applied: returns its receipt; empty where there was
   * nothing to change. Not applied: throws, the files are removed. Unknown: throws with kind {@code
   * COMMIT_STATE_UNKNOWN}, the files stay.
   *
   * @throws FirnException CONFLICT where other processes kept coming first
   */
  public Optional<CommitReceipt> commit() {
    if (committed) {
      throw FirnException.invalid(
          "Cannot %s: this writer has been committed already; open another".formatted(doing));
    }
    committed = true;
    return changes.commit(null);
  }

  @Override
  public void close() {
    changes.close();
  }
}
