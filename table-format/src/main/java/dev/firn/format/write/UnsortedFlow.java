package dev.firn.format.write;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;

/**
 * Rows to one open file per partition, in order of arrival. Confined to one thread.
 *
 * <p>How it works: the first partitions get a file each, up to the limit of open files; rows of
 * further ones wait in memory, so that rows that jump between thousands of partitions do not open
 * and close a file each time. When what waits reaches half the budget it is written, the smallest
 * partition first, each through a file that takes the place of the one longest unused; the largest
 * thus stay open. When open files and waiting rows together pass the budget, the file that holds
 * most is finished.
 */
final class UnsortedFlow implements RowFlow {
  private final FileSink files;
  private final WriteLimits limits;
  // In order of use, the longest unused first.
  private final LinkedHashMap<PartitionKey, OpenFile> open = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<PartitionKey, Waiting> waiting = new HashMap<>();
  private long waitingBytes;
  private int mostOpen;
  private @Nullable PartitionKey lastKey;
  private @Nullable OpenFile lastFile;

  UnsortedFlow(FileSink files, WriteLimits limits) {
    this.files = files;
    this.limits = limits;
  }

  /** Rows of one partition that wait for a file. */
  private static final class Waiting {
    private final List<Record> rows = new ArrayList<>();
    private final List<Long> sizes = new ArrayList<>();
    private long bytes;

    void add(Record row, long size) {
      rows.add(row);
      sizes.add(size);
      bytes += size;
    }
  }

  /** The most files that were ever open at once. */
  int mostOpen() {
    return mostOpen;
  }

  @Override
  public void add(PartitionKey partition, Record row, long bytes) throws IOException {
    PartitionKey key = lastKey;
    OpenFile file = lastFile;
    if (key == null || file == null || !key.equals(partition)) {
      file = open.get(partition);
      if (file == null && open.size() >= limits.openFiles()) {
        await(partition, row, bytes);
        return;
      }
      key = partition.copy();
      file = file == null ? open(key) : file;
    }
    write(key, file, row, bytes);
  }

  private OpenFile open(PartitionKey partition) throws IOException {
    while (open.size() >= limits.openFiles()) {
      finish(open.keySet().iterator().next());
    }
    OpenFile file = files.open(partition);
    open.put(partition, file);
    mostOpen = Math.max(mostOpen, open.size());
    return file;
  }

  private void write(PartitionKey partition, OpenFile file, Record row, long bytes)
      throws IOException {
    lastKey = partition;
    lastFile = file;
    if (!file.add(row, bytes)) {
      return;
    }
    if (file.length() >= files.targetBytes()) {
      finish(partition);
    }
    shrink();
  }

  private void finish(PartitionKey partition) throws IOException {
    OpenFile file = open.remove(partition);
    lastKey = null;
    lastFile = null;
    if (file != null) {
      files.finish(file);
    }
  }

  private void shrink() throws IOException {
    while (!open.isEmpty() && held() > allowed()) {
      PartitionKey largest = null;
      long most = -1;
      for (Map.Entry<PartitionKey, OpenFile> entry : open.entrySet()) {
        if (entry.getValue().buffered() > most) {
          most = entry.getValue().buffered();
          largest = entry.getKey();
        }
      }
      if (largest != null) {
        finish(largest);
      }
    }
  }

  private long allowed() {
    return open.size() == 1 && waiting.isEmpty() ? limits.soleFileBytes() : limits.budgetBytes();
  }

  private long held() {
    long bytes = waitingBytes;
    for (OpenFile file : open.values()) {
      bytes += file.buffered();
    }
    return bytes;
  }

  private void await(PartitionKey partition, Record row, long bytes) throws IOException {
    Waiting rows = waiting.get(partition);
    if (rows == null) {
      rows = new Waiting();
      waiting.put(partition.copy(), rows);
    }
    rows.add(row, bytes);
    waitingBytes += bytes;
    if (waitingBytes > limits.budgetBytes() / 2) {
      drain();
    }
  }

  private void drain() throws IOException {
    List<Map.Entry<PartitionKey, Waiting>> smallestFirst = new ArrayList<>(waiting.entrySet());
    smallestFirst.sort(Comparator.comparingLong(entry -> entry.getValue().bytes));
    for (Map.Entry<PartitionKey, Waiting> entry : smallestFirst) {
      PartitionKey partition = entry.getKey();
      Waiting rows = entry.getValue();
      for (int i = 0; i < rows.rows.size(); i++) {
        OpenFile file = open.get(partition);
        write(
            partition, file == null ? open(partition) : file, rows.rows.get(i), rows.sizes.get(i));
      }
      waiting.remove(partition);
      waitingBytes -= rows.bytes;
      shrink();
    }
  }

  @Override
  public void finish() throws IOException {
    drain();
    while (!open.isEmpty()) {
      finish(open.keySet().iterator().next());
    }
  }

  @Override
  public long pendingBytes() {
    long bytes = waitingBytes / 4;
    for (OpenFile file : open.values()) {
      bytes += file.length();
    }
    return bytes;
  }

  @Override
  public void abandon() {
    waiting.clear();
    for (Iterator<OpenFile> it = open.values().iterator(); it.hasNext(); ) {
      OpenFile file = it.next();
      it.remove();
      WrittenFiles.abandon(file);
    }
  }
}
