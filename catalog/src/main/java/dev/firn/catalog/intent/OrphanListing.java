package dev.firn.catalog.intent;

import dev.firn.catalog.jdbc.SweptIntents;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.local.LocalTemporaries;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsPrefixOperations;

/**
 * The directories of one table, listed. Confined to one thread.
 *
 * <p>How it works: first the directories are listed, then the ledger is read, then the table: so a
 * file that is committed meanwhile is in the ledger or in the table.
 */
final class OrphanListing {
  private static final List<String> PLACES =
      List.of(
          TableProperties.WRITE_DATA_LOCATION,
          TableProperties.WRITE_METADATA_LOCATION,
          // Iceberg's older names for the first.
          "write.object-storage.path",
          "write.folder-storage.path");

  private final SweptIntents swept;
  private final SupportsPrefixOperations stores;
  private final Reachable reachable;
  private final SweptIntents.Name name;
  private final TableMetadata table;

  private OrphanListing(
      SweptIntents swept,
      SupportsPrefixOperations stores,
      Reachable reachable,
      SweptIntents.Name name) {
    this.swept = swept;
    this.stores = stores;
    this.reachable = reachable;
    this.name = name;
    this.table = reachable.read(name.metadataLocation());
  }

  static OrphanListing open(SweptIntents swept, FileIO stores, String catalog, String table) {
    if (!(stores instanceof SupportsPrefixOperations listing)) {
      throw FirnException.invalid(
          "Cannot search for orphans of %s: its store cannot list files".formatted(table));
    }
    return new OrphanListing(
        swept, listing, new Reachable(swept, stores, catalog), find(swept, catalog, table));
  }

  private static SweptIntents.Name find(SweptIntents swept, String catalog, String table) {
    return swept.names().stream()
        .filter(each -> each.catalog().equals(catalog) && each.table().equals(table))
        .filter(each -> !each.view())
        .findFirst()
        .orElseThrow(
            () ->
                new FirnException(
                    ErrorKind.NOT_FOUND,
                    "Cannot search for orphans of %s: there is no such table".formatted(table)));
  }

  String location() {
    return table.location();
  }

  List<OrphanSearch.Orphan> orphans(Duration olderThan) {
    List<String> roots = roots(table);
    requireUnshared(roots);
    Instant before = swept.time().minus(olderThan);
    TreeMap<String, FileInfo> found = new TreeMap<>();
    Set<String> metadata = new TreeSet<>();
    for (String root : roots) {
      for (FileInfo file : stores.listPrefix(root)) {
        if (OtherTables.isMetadata(file.location())) {
          metadata.add(file.location());
        }
        // Zero is what a store says that does not know.
        boolean old = file.createdAtMillis() > 0 && file.createdAtMillis() < before.toEpochMilli();
        if (old && Spelling.of(root).holds(Spelling.of(file.location())) && !hidden(root, file)) {
          found.put(file.location(), file);
        }
      }
    }
    removeRecorded(found);
    removeReachable(found);
    if (!found.isEmpty()) {
      requireAlone(metadata);
    }
    return found.values().stream()
        .map(
            file ->
                new OrphanSearch.Orphan(
                    file.location(), file.size(), Instant.ofEpochMilli(file.createdAtMillis())))
        .toList();
  }

  /** The table's directories, none inside another. */
  private static List<String> roots(TableMetadata table) {
    List<String> all =
        Stream.concat(
                Stream.of(table.location()),
                PLACES.stream().map(table.properties()::get).filter(each -> each != null))
            .distinct()
            .sorted(Comparator.comparing(each -> Spelling.of(each).path().length()))
            .toList();
    List<String> roots = new ArrayList<>();
    for (String each : all) {
      if (roots.stream().noneMatch(root -> Spelling.of(root).holds(Spelling.of(each)))) {
        roots.add(each);
      }
    }
    return roots;
  }

  private void requireUnshared(List<String> roots) {
    List<Spelling> ours = roots.stream().map(Spelling::of).toList();
    for (SweptIntents.Name other : swept.names()) {
      boolean self = other.catalog().equals(name.catalog()) && other.table().equals(name.table());
      if (!self) {
        places(other).stream()
            .filter(place -> ours.stream().anyMatch(Spelling.of(place)::mayOverlap))
            .findFirst()
            .ifPresent(
                place -> {
                  throw FirnException.invalid(
                      "Cannot search for orphans of %s: its directories are shared with %s of catalog %s, whose files would be taken for orphans [%s]"
                          .formatted(name.table(), other.table(), other.catalog(), place));
                });
      }
    }
  }

  /** Where another table or view has files. Views have nothing but metadata. */
  private List<String> places(SweptIntents.Name other) {
    List<String> places = new ArrayList<>();
    places.add(other.metadataLocation());
    if (!other.view()) {
      places.addAll(roots(reachable.read(other.metadataLocation())));
    }
    return places;
  }

  /** A table of an engine with a catalog of its own is known by its metadata alone. */
  private void requireAlone(Set<String> metadata) {
    List<String> own = new ArrayList<>();
    own.add(table.metadataFileLocation());
    table.previousFiles().forEach(entry -> own.add(entry.file()));
    metadata.removeAll(Reachable.named(metadata, own).untouchable());
    OtherTables.first(stores, metadata, table.uuid())
        .ifPresent(
            file -> {
              throw FirnException.invalid(
                  "Cannot search for orphans of %s: another table, of no catalog in this database, has metadata in its directories, and its files would be taken for orphans; move that table, or remove the file if the table is gone [%s]"
                      .formatted(name.table(), file));
            });
  }

  /** As Hadoop has it, a name that begins so is no data, unless it is a partition's. */
  private static boolean hidden(String root, FileInfo file) {
    String path = Spelling.of(file.location()).path();
    String below = path.substring(Spelling.of(root).path().length());
    String[] names = below.split("/", -1);
    String last = names[names.length - 1];
    for (String each : names) {
      boolean marked = each.startsWith("_") || each.startsWith(".");
      if (marked && !each.contains("=") && !(each.equals(last) && LocalTemporaries.named(each))) {
        return true;
      }
    }
    return last.equals("version-hint.text");
  }

  private void removeRecorded(Map<String, FileInfo> found) {
    Set<String> recorded = swept.files();
    found.keySet().removeAll(Reachable.named(found.keySet(), recorded).untouchable());
    Set<String> temporaries = new HashSet<>();
    for (String each : found.keySet()) {
      if (LocalTemporaries.named(fileName(each))
          && recorded.stream().anyMatch(file -> LocalTemporaries.belongs(each, file))) {
        temporaries.add(each);
      }
    }
    found.keySet().removeAll(temporaries);
  }

  private static String fileName(String location) {
    return location.substring(location.lastIndexOf('/') + 1);
  }

  private void removeReachable(Map<String, FileInfo> found) {
    SweptIntents.Name now = find(swept, name.catalog(), name.table());
    Reachable.Found needed =
        reachable.among(found.keySet(), reachable.read(now.metadataLocation()));
    if (!needed.doubtful().isEmpty()) {
      throw FirnException.invalid(
          "Cannot search for orphans of %s: the table spells the store of a file otherwise than the listing, so they may be the same, or not [%s]"
              .formatted(name.table(), needed.doubtful().iterator().next()));
    }
    found.keySet().removeAll(needed.referred());
  }
}
