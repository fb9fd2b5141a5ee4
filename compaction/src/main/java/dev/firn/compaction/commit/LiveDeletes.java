package dev.firn.compaction.commit;

import dev.firn.scan.change.DeleteIndex;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.DeleteFile;

/**
 * The delete files that apply to the sources and are in the table, as of the last look. Mutable;
 * confined to one thread.
 */
final class LiveDeletes {
  private final Map<String, DeleteFile> files = new LinkedHashMap<>();

  static String key(DeleteFile delete) {
    return DeleteIndex.key(delete);
  }

  /** Whether it applies to one data file alone. */
  static boolean isForOneFile(DeleteFile delete) {
    return DeleteIndex.target(delete) != null;
  }

  void add(DeleteFile delete) {
    files.put(key(delete), delete);
  }

  /** Whether some are not known to be in one of these manifests. */
  boolean mayHaveMoved(Set<String> manifests) {
    return files.values().stream().anyMatch(file -> !isIn(file, manifests));
  }

  /** Whether it is not said in which manifest some are. */
  boolean isVague() {
    return files.values().stream().anyMatch(file -> file.manifestLocation() == null);
  }

  private static boolean isIn(DeleteFile file, Set<String> manifests) {
    String manifest = file.manifestLocation();
    return manifest != null && manifests.contains(manifest);
  }

  /** Keeps those that are in {@code manifests}, or were found in others. */
  void keep(Set<String> manifests, Map<String, DeleteFile> found) {
    files.replaceAll((key, file) -> found.getOrDefault(key, file));
    files
        .entrySet()
        .removeIf(e -> !isIn(e.getValue(), manifests) && !found.containsKey(e.getKey()));
  }

  Collection<DeleteFile> all() {
    return List.copyOf(files.values());
  }

  boolean contains(DeleteFile delete) {
    return files.containsKey(key(delete));
  }
}
