package dev.firn.compaction.erase;

import dev.firn.error.FirnException;
import dev.firn.storage.Locations;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsPrefixOperations;

/** The files below a table's locations. Stateless. */
final class Listing {
  private static final List<String> PLACES =
      List.of(
          TableProperties.WRITE_DATA_LOCATION,
          TableProperties.WRITE_METADATA_LOCATION,
          // Iceberg's older names for the first.
          "write.object-storage.path",
          "write.folder-storage.path");

  private Listing() {}

  /** Refuses a store that cannot list: then nothing could be proven. */
  static void require(Table table) {
    if (!(table.io() instanceof SupportsPrefixOperations)) {
      throw FirnException.invalid(
          "Cannot erase from %s: its store cannot list files, so that nothing could be proven"
              .formatted(table.name()));
    }
  }

  /** Returns the files by location, as their directory is spelled in the table. */
  static Map<String, FileInfo> of(Table table) {
    Set<String> roots = new LinkedHashSet<>();
    roots.add(Locations.stripTrailingSlashes(table.location()));
    for (String place : PLACES) {
      String other = table.properties().get(place);
      if (other != null) {
        roots.add(Locations.stripTrailingSlashes(other));
      }
    }
    Map<String, FileInfo> files = new TreeMap<>();
    for (String root : roots) {
      ((SupportsPrefixOperations) table.io())
          .listPrefix(root)
          .forEach(file -> files.put(file.location(), file));
    }
    return files;
  }

  /** Returns what earlier erasures were about to remove when they ended. */
  static List<Journal> journals(Table table, Map<String, FileInfo> files) {
    List<Journal> journals = new ArrayList<>();
    for (String location : files.keySet()) {
      if (Journal.named(location)) {
        journals.add(Journal.read(table.io(), location));
      }
    }
    return journals;
  }
}
