package dev.firn.keyindex;

import dev.firn.error.FirnException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.NotFoundException;
import org.jspecify.annotations.Nullable;

/**
 * The manifests of the snapshot that the index answers for, and what is in them. A manifest never
 * changes, so that another snapshot costs its manifest list and the manifests that are new.
 * Confined to one thread.
 */
final class TableManifests {
  /** What a task needs of a data file: no statistics. */
  private static final List<String> COLUMNS =
      List.of(
          "content",
          "file_path",
          "file_format",
          "partition",
          "record_count",
          "file_size_in_bytes",
          "key_metadata",
          "split_offsets",
          "sort_order_id",
          "first_row_id");

  private static final Set<Integer> PATH_BOUNDS =
      Set.of(MetadataColumns.DELETE_FILE_PATH.fieldId());

  /** A manifest as read: live entries only. */
  private record Parsed(List<DataFile> data, List<DeleteFile> deletes) {}

  /** A manifest that was taken. */
  private record Taken(List<FileSlot> data, List<DeleteFile> deletes) {}

  /** What another snapshot changes: nothing is changed yet. */
  static final class Change {
    private final Map<String, Parsed> added = new LinkedHashMap<>();
    private final List<String> removed = new ArrayList<>();

    /** Returns the data files in manifests that are new; they may be known from others. */
    Iterable<DataFile> dataFiles() {
      return () -> added.values().stream().flatMap(each -> each.data().stream()).iterator();
    }
  }

  private final Map<String, Taken> manifests = new HashMap<>();
  private final LiveDeletes deletes = new LiveDeletes();

  LiveDeletes deletes() {
    return deletes;
  }

  int count() {
    return manifests.size();
  }

  /** Reads what {@code snapshot} has and is not known; null: the empty one. */
  Change changeTo(Table table, @Nullable Snapshot snapshot) {
    Change change = new Change();
    Map<String, ManifestFile> wanted = new LinkedHashMap<>();
    if (snapshot != null) {
      list(table, snapshot).forEach(manifest -> wanted.put(manifest.path(), manifest));
    }
    for (ManifestFile manifest : wanted.values()) {
      if (!manifests.containsKey(manifest.path())) {
        change.added.put(manifest.path(), read(table, manifest));
      }
    }
    for (String path : manifests.keySet()) {
      if (!wanted.containsKey(path)) {
        change.removed.add(path);
      }
    }
    return change;
  }

  private static List<ManifestFile> list(Table table, Snapshot snapshot) {
    try {
      return snapshot.allManifests(table.io());
    } catch (RuntimeException e) {
      throw failed("manifest list", String.valueOf(snapshot.manifestListLocation()), table, e);
    }
  }

  private static Parsed read(Table table, ManifestFile manifest) {
    try {
      return manifest.content() == ManifestContent.DATA
          ? new Parsed(data(table, manifest), List.of())
          : new Parsed(List.of(), deletes(table, manifest));
    } catch (IOException e) {
      throw failed("manifest", manifest.path(), table, new java.io.UncheckedIOException(e));
    } catch (RuntimeException e) {
      throw failed("manifest", manifest.path(), table, e);
    }
  }

  private static List<DataFile> data(Table table, ManifestFile manifest) throws IOException {
    List<DataFile> files = new ArrayList<>();
    try (ManifestReader<DataFile> reader =
        ManifestFiles.read(manifest, table.io(), table.specs()).select(COLUMNS)) {
      reader.forEach(files::add);
    }
    return files;
  }

  private static List<DeleteFile> deletes(Table table, ManifestFile manifest) throws IOException {
    List<DeleteFile> files = new ArrayList<>();
    try (ManifestReader<DeleteFile> reader =
        ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs())) {
      for (DeleteFile file : reader) {
        boolean byPosition = file.content() == FileContent.POSITION_DELETES;
        files.add(byPosition ? file.copyWithStats(PATH_BOUNDS) : file.copyWithoutStats());
      }
    }
    return files;
  }

  private static FirnException failed(
      String what, String path, Table table, RuntimeException failure) {
    if (failure instanceof FirnException known) {
      return known;
    }
    String text =
        "Cannot read " + what + ": " + failure + " [" + path + " of table " + table.name();
    return failure instanceof NotFoundException
        ? FirnException.corrupt(
            text + "]; restore the file, or roll back to a snapshot without it", failure)
        : FirnException.unavailable(text + "]", failure);
  }

  /** Goes to the other snapshot; every data file is at {@code slots} by then. */
  void apply(Table table, Change change, Function<String, @Nullable FileSlot> slots) {
    // What is new first: so a file that only moved to another manifest is live all the time.
    change.added.forEach((path, parsed) -> manifests.put(path, take(table, parsed, slots)));
    for (String path : change.removed) {
      Taken gone = manifests.remove(path);
      if (gone != null) {
        gone.data().forEach(FileSlot::leave);
        gone.deletes().forEach(file -> deletes.leave(file, Specs.of(table, file)));
      }
    }
  }

  private Taken take(Table table, Parsed parsed, Function<String, @Nullable FileSlot> slots) {
    List<FileSlot> data = new ArrayList<>(parsed.data().size());
    for (DataFile file : parsed.data()) {
      FileSlot slot = slots.apply(file.location());
      if (slot == null) {
        throw new IllegalStateException("a data file has no number: " + file.location());
      }
      slot.enter(file);
      data.add(slot);
    }
    parsed.deletes().forEach(file -> deletes.enter(file, Specs.of(table, file)));
    return new Taken(data, parsed.deletes());
  }
}
