package dev.firn.compaction.maintain;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;

/** Reads the live files that manifests name. Stateless; works in the calling thread. */
public final class ManifestFileReads {
  /** What it takes to tell which deletes apply, without the columns' statistics. */
  private static final List<String> PLACE = List.of("content", "file_path", "partition");

  private ManifestFileReads() {}

  /** Gives each live data file to {@code each}, without statistics; it may be kept. */
  public static void data(Table table, Iterable<ManifestFile> manifests, Consumer<DataFile> each) {
    for (ManifestFile manifest : manifests) {
      try (CloseableIterable<DataFile> files =
          ManifestFiles.read(manifest, table.io(), table.specs()).select(PLACE)) {
        files.forEach(each);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Returns the live delete files. */
  public static List<DeleteFile> deletes(Table table, Iterable<ManifestFile> manifests) {
    List<DeleteFile> found = new ArrayList<>();
    for (ManifestFile manifest : manifests) {
      try (CloseableIterable<DeleteFile> files =
          ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs())) {
        files.forEach(found::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return found;
  }

  /** Returns the live delete files of a snapshot; none where there is no snapshot. */
  public static List<DeleteFile> deletes(Table table, @Nullable Snapshot snapshot) {
    return snapshot == null ? List.of() : deletes(table, snapshot.deleteManifests(table.io()));
  }
}
