package dev.firn.compaction.erase;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.FileInfo;

/**
 * Reads every file that is below a table's locations or reachable from it, and says what it found.
 * Believes no statistics. The directories are listed first and the table is looked at then, so that
 * a file which is committed meanwhile is read too. Confined to one thread.
 */
final class Proof {
  private final Table table;
  private final PhysicalRows rows;
  private final DeleteRows deletes;
  private final Leftovers leftovers;

  Proof(Table table, Expression where, BufferAllocator allocator) {
    this.table = table;
    this.rows = new PhysicalRows(table, where, allocator);
    ErasedValues values = ErasedValues.of(table, where);
    this.deletes = new DeleteRows(table, where, values);
    this.leftovers = new Leftovers(table, rows, deletes, values);
  }

  /** Looks at every file. */
  List<CheckedFile> run() {
    Map<String, FileInfo> listed = Listing.of(table);
    table.refresh();
    Reachable reachable = new Reachable(table);
    List<CheckedFile> files = new ArrayList<>();
    for (DataFile file : reachable.data().values()) {
      files.add(data(file));
    }
    for (DeleteFile file : reachable.deletes().values()) {
      files.add(deletes(file));
    }
    Set<String> proven = new HashSet<>();
    files.stream().filter(CheckedFile::isClean).forEach(file -> proven.add(file.location()));
    reachable.others().forEach((location, kind) -> files.add(other(location, kind, proven)));
    files.addAll(unreachable(listed, reachable));
    return files;
  }

  /** Looks at the files alone that nothing refers to. */
  List<CheckedFile> unreachable() {
    Map<String, FileInfo> listed = Listing.of(table);
    table.refresh();
    return unreachable(listed, new Reachable(table));
  }

  private List<CheckedFile> unreachable(Map<String, FileInfo> listed, Reachable reachable) {
    List<CheckedFile> files = new ArrayList<>();
    for (FileInfo file : listed.values()) {
      if (!reachable.has(file.location())) {
        CheckedFile checked = leftovers.check(file);
        if (checked.isClean() || table.io().newInputFile(file.location()).exists()) {
          files.add(checked);
        }
      }
    }
    return files;
  }

  private CheckedFile data(DataFile file) {
    PhysicalRows.Count count = rows.count(file);
    return reached(file.location(), "data", count.rows(), count.matches());
  }

  private CheckedFile deletes(DeleteFile file) {
    DeleteRows.Count count = deletes.count(file);
    String kind =
        file.content() == FileContent.EQUALITY_DELETES
            ? "equality-deletes"
            : file.format() == FileFormat.PUFFIN ? "deletion-vectors" : "position-deletes";
    return reached(file.location(), kind, count.rows(), count.matches());
  }

  private CheckedFile other(String location, String kind, Set<String> proven) {
    try {
      return switch (kind) {
        case "manifest" -> leftovers.manifest(location, true, proven);
        case "metadata" -> leftovers.metadata(location, true);
        case "statistics" -> leftovers.puffin(location, true);
        // Of partitions of snapshots whose files were all read; lists repeat their manifests.
        default -> CheckedFile.clean(location, kind, true, 0);
      };
    } catch (NotFoundException e) {
      return CheckedFile.clean(location, kind + " (missing)", true, 0);
    }
  }

  private static CheckedFile reached(String location, String kind, long rows, long matches) {
    return new CheckedFile(location, kind, true, rows, matches, matches == 0 ? "" : "run again");
  }
}
