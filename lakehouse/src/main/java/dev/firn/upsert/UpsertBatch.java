package dev.firn.upsert;

import dev.firn.catalog.intent.WriteIntent;
import dev.firn.error.FirnException;
import dev.firn.format.write.DataWriter;
import dev.firn.format.write.WriteOptions;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;

/**
 * A writer of changes by key that are to become one snapshot, in order: the last one of a key
 * counts. Confined to one thread.
 *
 * <p>How it works: changes are kept in memory up to a bound of bytes. Beyond it, those that others
 * have overtaken are dropped, and if that does not help, the rows become data files: a chunk.
 * Within a chunk no key has rows that a later change of the chunk replaced. That a later chunk
 * replaced them is left to the commit, which marks them where they are. The keys of finished chunks
 * wait in temporary files.
 *
 * <p>Memory: the bound, once more where changes are sorted out, and one batch of the caller's. A
 * row that does not fit is INVALID and changes nothing; any other failure ends the writer.
 */
public final class UpsertBatch implements AutoCloseable {
  private final Table table;
  private final KeyColumns columns;
  private final PartitionSpec spec;
  private final WriteIntent intent;
  private final BufferAllocator allocator;
  private final long bound;
  private final ChangeLog log;
  private final RowChanges incoming;
  private final List<Chunk> chunks = new ArrayList<>();
  private final List<KeySpool> spools = new ArrayList<>();
  private long changes;
  private long fileBytes;
  private boolean failed;
  private boolean handedOver;
  private boolean closed;

  private UpsertBatch(
      Table table, KeyColumns columns, WriteIntent intent, BufferAllocator allocator, long bound) {
    this.table = table;
    this.columns = columns;
    this.spec = table.spec();
    this.intent = intent;
    this.allocator = allocator;
    this.bound = bound;
    this.log = new ChangeLog(columns, allocator);
    this.incoming = new RowChanges(columns, table.name(), allocator);
  }

  /**
   * Begins a batch for {@code table} as it is now.
   *
   * @param intent records every file; the caller's to close after the batch
   * @param parent lends memory until the batch is closed
   * @param bound the bytes of changes that are kept in memory
   * @throws FirnException INVALID where the table has no identifier fields, or format version 1
   */
  public static UpsertBatch open(
      Table table, WriteIntent intent, BufferAllocator parent, long bound) {
    KeyColumns columns = KeyColumns.of(table);
    BufferAllocator allocator = parent.newChildAllocator("upserts", 0, parent.getLimit());
    return new UpsertBatch(table, columns, intent, allocator, bound);
  }

  /**
   * Takes over files that were written for this batch before its first change by key: their rows
   * came before.
   */
  public void after(List<DataFile> earlier, long rows) {
    if (!earlier.isEmpty()) {
      add(new Chunk(earlier, Chunk.NO_KEYS));
      changes += rows;
    }
  }

  /** Returns the columns that rows must have. */
  public Schema schema() {
    return columns.rows();
  }

  /** Returns the columns that a row to be deleted must have at least. */
  public Schema key() {
    return columns.key();
  }

  /** Adds a row beside others of its key. */
  public void write(Record row) {
    add(Change.WRITE, row);
  }

  /** As {@link #write(Record)}, for each row of a batch, which stays the caller's. */
  public void write(VectorSchemaRoot batch) {
    add(Change.WRITE, batch);
  }

  /** Adds a row in place of all others of its key. */
  public void upsert(Record row) {
    add(Change.UPSERT, row);
  }

  /** As {@link #upsert(Record)}, for each row of a batch, which stays the caller's. */
  public void upsert(VectorSchemaRoot batch) {
    add(Change.UPSERT, batch);
  }

  /** Deletes all rows of the key that {@code row} names; its other columns do not matter. */
  public void delete(Record row) {
    add(Change.DELETE, row);
  }

  /** As {@link #delete(Record)}, for each row of a batch, which stays the caller's. */
  public void delete(VectorSchemaRoot batch) {
    add(Change.DELETE, batch);
  }

  private void add(Change change, Record row) {
    requireOpen();
    incoming.add(change, row);
    changes++;
    if (incoming.waiting() == RowChanges.MOST_ROWS || incoming.waitingBytes() >= bound) {
      attempt(this::takeIn);
    }
  }

  private void add(Change change, VectorSchemaRoot batch) {
    requireOpen();
    attempt(this::takeIn);
    if (batch.getRowCount() > 0) {
      log.add(incoming.of(change, batch));
      changes += batch.getRowCount();
      attempt(this::keepBound);
    }
  }

  private void takeIn() {
    Segment segment = incoming.take();
    if (segment != null) {
      log.add(segment);
      keepBound();
    }
  }

  private void keepBound() {
    if (allocator.getAllocatedMemory() > bound) {
      log.compact();
      if (allocator.getAllocatedMemory() > bound / 2) {
        KeySpool keys = KeySpool.write(log, RowChanges.arrowKey(columns), allocator);
        spools.add(keys);
        add(new Chunk(writeRows(), keys::forEach));
        log.close();
      }
    }
  }

  private void add(Chunk chunk) {
    chunks.add(chunk);
    chunk.files().forEach(file -> fileBytes += file.fileSizeInBytes());
  }

  private List<DataFile> writeRows() {
    // The handle may be refreshed meanwhile: the batch stays with what it began with.
    WriteOptions options = new WriteOptions(columns.rows(), spec, null).withRegistrar(intent);
    try (DataWriter writer = DataWriter.open(table, options)) {
      log.rows(writer::write);
      return writer.rows() == 0 ? List.of() : writer.complete();
    }
  }

  /** Whatever fails ends the batch: its changes are in part neither here nor there. */
  private void attempt(Runnable action) {
    failed = true;
    action.run();
    failed = false;
  }

  /** Returns the changes taken so far. */
  public long changes() {
    return changes;
  }

  /** Returns the bytes written or kept in memory so far, an estimate. */
  public long bytes() {
    return fileBytes + allocator.getAllocatedMemory();
  }

  WriteIntent intent() {
    return intent;
  }

  /** Writes what is left. The chunks in order are valid until the batch is closed. */
  List<Chunk> complete() {
    requireOpen();
    attempt(
        () -> {
          Segment segment = incoming.take();
          if (segment != null) {
            log.add(segment);
          }
          log.compact();
          add(new Chunk(writeRows(), log::endedKeys));
        });
    return List.copyOf(chunks);
  }

  /** From here on the files are part of the table, or may be. */
  void handOver() {
    handedOver = true;
  }

  private void requireOpen() {
    if (failed || closed) {
      throw FirnException.invalid(
          "Cannot write to a batch of upserts: it %s [%s]"
              .formatted(closed ? "is closed" : "has failed before", table.name()));
    }
  }

  /** Removes every file that was not committed, and releases the memory. Idempotent. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    log.close();
    incoming.close();
    spools.forEach(KeySpool::close);
    allocator.close();
    if (!handedOver) {
      intent.discard(table.io(), files());
    }
  }

  /** All files written so far. */
  List<DataFile> files() {
    return chunks.stream().flatMap(chunk -> chunk.files().stream()).toList();
  }
}
