package dev.firn.format.write;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.PartitionKey;
import org.jspecify.annotations.Nullable;

/** The partitions whose files stay open, and the memory of all of them. Confined to one thread. */
final class OpenFiles {
  private final FileSink sink;
  private final Map<Integer, RollingFile> files = new LinkedHashMap<>();

  OpenFiles(FileSink sink) {
    this.sink = sink;
  }

  int size() {
    return files.size();
  }

  boolean has(int partition) {
    return files.containsKey(partition);
  }

  /** The partition's file, which stays open from now on. */
  RollingFile open(int partition, PartitionKey key) {
    return files.computeIfAbsent(partition, p -> new RollingFile(sink, key));
  }

  /** The length of the files that are open, about. */
  long length() {
    return files.values().stream().mapToLong(RollingFile::length).sum();
  }

  /** Ends the row groups of the files that hold most, until all hold about half of {@code most}. */
  void shed(long most) throws IOException {
    long held = 0;
    for (RollingFile file : files.values()) {
      held += file.memory();
    }
    if (held <= most) {
      return;
    }
    List<RollingFile> largest = new ArrayList<>(files.values());
    largest.sort((a, b) -> Long.compare(b.memory(), a.memory()));
    for (RollingFile file : largest) {
      long before = file.memory();
      file.shed();
      held -= before - file.memory();
      if (held <= most / 2) {
        return;
      }
    }
    // Row groups were ended and it is still too much: what remains are the files themselves.
    for (RollingFile file : largest) {
      if (held <= most) {
        return;
      }
      held -= file.memory();
      file.finish();
    }
  }

  /** Completes the files of all partitions but {@code kept}; null keeps none. */
  void finishAllBut(@Nullable Integer kept) throws IOException {
    for (Integer partition : List.copyOf(files.keySet())) {
      RollingFile file = files.get(partition);
      if (file != null && !partition.equals(kept)) {
        files.remove(partition);
        finish(file);
      }
    }
  }

  private static void finish(RollingFile file) throws IOException {
    try {
      file.finish();
    } catch (IOException | RuntimeException e) {
      file.abandon();
      throw e;
    }
  }

  void abandon() {
    files.values().forEach(RollingFile::abandon);
    files.clear();
  }
}
