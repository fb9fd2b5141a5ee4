package dev.firn.scan.change;

import java.util.List;
import org.apache.iceberg.FileScanTask;

/**
 * The data files that differ between two states.
 *
 * @param removed those of the first state alone, with its deletes
 * @param added those of the second state alone, with its deletes
 * @param marked those of both whose deletes differ
 */
record FileChanges(List<FileScanTask> removed, List<FileScanTask> added, List<Marked> marked) {
  FileChanges {
    removed = List.copyOf(removed);
    added = List.copyOf(added);
    marked = List.copyOf(marked);
  }

  /** One data file with the deletes of the one state and of the other. */
  record Marked(FileScanTask before, FileScanTask after) {}
}
