package dev.firn.scan.change;

import dev.firn.error.FirnException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.NotFoundException;
import org.jspecify.annotations.Nullable;

/** The files of one state of a table, as its manifests list them. Confined to one thread. */
final class StateFiles {
  private final Table table;
  private final List<ManifestFile> data;
  private final List<ManifestFile> deletes;

  /** A null snapshot is the empty table. */
  StateFiles(Table table, @Nullable Snapshot snapshot) {
    this.table = table;
    this.data =
        snapshot == null ? List.of() : reading(table, () -> snapshot.dataManifests(table.io()));
    this.deletes =
        snapshot == null ? List.of() : reading(table, () -> snapshot.deleteManifests(table.io()));
  }

  private interface Listing<T> {
    T read() throws IOException;
  }

  private static <T> T reading(Table table, Listing<T> listing) {
    try {
      return listing.read();
    } catch (NotFoundException e) {
      throw FirnException.corrupt(
          "Cannot read changes: a manifest does not exist, for its snapshot has expired meanwhile or it was removed; refresh the table, and start from a snapshot that is retained [table %s]"
              .formatted(table.name()),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<ManifestFile> data() {
    return data;
  }

  /** The data files of the manifests that {@code other} does not have, by location. */
  Map<String, DataFile> dataNotIn(StateFiles other) {
    Map<String, DataFile> found = new HashMap<>();
    Set<String> common = paths(other.data);
    for (ManifestFile manifest : data) {
      if (!common.contains(manifest.path())) {
        readData(manifest, file -> found.put(file.location(), file.copyWithoutStats()));
      }
    }
    return found;
  }

  /** The delete files of the manifests that {@code other} does not have, by their keys. */
  Map<String, DeleteFile> deletesNotIn(StateFiles other) {
    Map<String, DeleteFile> found = new HashMap<>();
    Set<String> common = paths(other.deletes);
    for (ManifestFile manifest : deletes) {
      if (!common.contains(manifest.path())) {
        readDeletes(manifest, file -> found.put(DeleteIndex.key(file), file));
      }
    }
    return found;
  }

  private static Set<String> paths(List<ManifestFile> manifests) {
    return manifests.stream().map(ManifestFile::path).collect(Collectors.toSet());
  }

  /** The data files that the snapshot itself added, which it says by their sequence number. */
  List<DataFile> added(Snapshot snapshot) {
    List<DataFile> added = new ArrayList<>();
    for (ManifestFile manifest : data) {
      Long by = manifest.snapshotId();
      if (by != null && by == snapshot.snapshotId() && manifest.hasAddedFiles()) {
        readData(
            manifest,
            file -> {
              Long sequence = file.fileSequenceNumber();
              if (sequence != null && sequence == snapshot.sequenceNumber()) {
                added.add(file.copyWithoutStats());
              }
            });
      }
    }
    return added;
  }

  /** Indexes the deletes not older than a sequence number. */
  DeleteIndex deletes(long sequence, Predicate<DeleteFile> wanted) {
    DeleteIndex index = new DeleteIndex(table.specs());
    for (ManifestFile manifest : deletes) {
      if (manifest.sequenceNumber() >= sequence) {
        readDeletes(
            manifest,
            file -> {
              if (wanted.test(file)) {
                index.add(file);
              }
            });
      }
    }
    return index;
  }

  void readData(ManifestFile manifest, Consumer<DataFile> each) {
    read(() -> ManifestFiles.read(manifest, table.io(), table.specs()), each);
  }

  private void readDeletes(ManifestFile manifest, Consumer<DeleteFile> each) {
    read(() -> ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs()), each);
  }

  private <F extends ContentFile<F>> void read(Listing<ManifestReader<F>> open, Consumer<F> each) {
    reading(
        table,
        () -> {
          try (ManifestReader<F> files = open.read()) {
            files.forEach(each);
          }
          return true;
        });
  }
}
