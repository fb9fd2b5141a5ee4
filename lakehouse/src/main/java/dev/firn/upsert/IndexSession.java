package dev.firn.upsert;

import dev.firn.catalog.intent.WriteIntent;
import dev.firn.keyindex.KeyHits;
import dev.firn.keyindex.KeyIndex;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/**
 * One commit's use of a table's key index: nobody else uses it meanwhile. Confined to one thread.
 *
 * <p>Files of the batch that are not committed are found like those of the table. They are
 * forgotten at the end, whatever became of them: what the table got of them is found there.
 */
final class IndexSession implements AutoCloseable {
  private final SharedIndex shared;
  private final Map<String, Integer> chunkOf = new HashMap<>();
  private @Nullable FileScanTask last;
  private int lastChunk;

  IndexSession(SharedIndex shared) {
    this.shared = shared;
  }

  /** The handle that the index reads by, which is the session's. */
  Table table() {
    return shared.table();
  }

  Schema key() {
    return shared.index().key();
  }

  /** Has the index answer for a snapshot of the table, and for what is staged. */
  void syncTo(@Nullable Snapshot snapshot) {
    shared.index().syncTo(snapshot);
  }

  /** Has the index find the rows of all chunks but the last, which none comes after. */
  void stage(List<Chunk> chunks) {
    for (int i = 0; i < chunks.size() - 1; i++) {
      for (DataFile file : chunks.get(i).files()) {
        chunkOf.put(file.location(), i);
      }
    }
    for (Chunk chunk : chunks.subList(0, chunks.size() - 1)) {
      if (!chunk.files().isEmpty()) {
        shared.index().stage(chunk.files());
      }
    }
  }

  /** Saves the index where that is worth it, so that the next process need not build it. */
  void save(Function<Table, WriteIntent> intents) {
    KeyIndex index = shared.index();
    if (index.isWorthSaving()) {
      index.save(intents.apply(table()));
    }
  }

  /** Tells of the rows that go by the chunk at {@code position}: of the table, and of before it. */
  void find(Chunk chunk, int position, KeyHits hits) {
    KeyIndex index = shared.index();
    chunk
        .endedKeys()
        .forEach(
            keys ->
                index.find(
                    keys,
                    (key, task, row) -> {
                      if (isBefore(task, position)) {
                        hits.hit(key, task, row);
                      }
                    }));
  }

  // One file is always told by the same task.
  @SuppressWarnings("ReferenceEquality")
  private boolean isBefore(FileScanTask task, int position) {
    if (task != last) {
      last = task;
      lastChunk = chunkOf.getOrDefault(task.file().location(), -1);
    }
    return lastChunk < position;
  }

  @Override
  public void close() {
    try {
      if (!chunkOf.isEmpty()) {
        shared.unstage();
      }
    } finally {
      shared.leave();
    }
  }
}
