package dev.firn.scan.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.apache.iceberg.util.ContentFileUtil;

/**
 * Delete files by the location of the one data file that they apply to. Holds hashes: the locations
 * stay in their columns. Immutable once filled.
 */
final class PathTable {
  private PlannedDeleteFile[] files = new PlannedDeleteFile[16];
  private int[] hashes = new int[16];

  /** Places in the arrays, plus one, by hash. */
  private int[] table = new int[64];

  private int size;

  void add(String path, PlannedDeleteFile file) {
    if (size == files.length) {
      files = Arrays.copyOf(files, size * 2);
      hashes = Arrays.copyOf(hashes, size * 2);
      table = new int[size * 8];
      for (int i = 0; i < size; i++) {
        place(i);
      }
    }
    files[size] = file;
    hashes[size] = mix(path.hashCode());
    place(size++);
  }

  private void place(int index) {
    int at = hashes[index] & (table.length - 1);
    while (table[at] != 0) {
      at = (at + 1) & (table.length - 1);
    }
    table[at] = index + 1;
  }

  private static int mix(int hash) {
    int mixed = hash * 0x9E3779B9;
    return mixed ^ (mixed >>> 15);
  }

  /** The files of a location, of those that pass the test. */
  List<PlannedDeleteFile> get(String path, Predicate<PlannedDeleteFile> kept) {
    if (size == 0) {
      return List.of();
    }
    List<PlannedDeleteFile> found = new ArrayList<>();
    int hash = mix(path.hashCode());
    for (int at = hash & (table.length - 1); table[at] != 0; at = (at + 1) & (table.length - 1)) {
      PlannedDeleteFile file = files[table[at] - 1];
      if (hashes[table[at] - 1] == hash
          && Objects.equals(ContentFileUtil.referencedDataFileLocation(file), path)
          && kept.test(file)) {
        found.add(file);
      }
    }
    return found;
  }
}
