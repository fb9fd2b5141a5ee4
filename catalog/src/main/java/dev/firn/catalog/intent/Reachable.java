package dev.firn.catalog.intent;

import dev.firn.catalog.jdbc.SweptIntents;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;

/**
 * Finds out which of some files any table still refers to. Thread-safe; borrows the database and
 * the stores.
 */
final class Reachable {
  private final SweptIntents database;
  private final TableFiles files;
  private final String catalog;

  Reachable(SweptIntents database, FileIO stores, String catalog) {
    this.database = database;
    this.files = new TableFiles(stores);
    this.catalog = catalog;
  }

  /**
   * What was found.
   *
   * @param referred the files that a table refers to
   * @param doubtful those that a table refers to by another scheme or in another store: they may be
   *     the same, or not
   */
  record Found(Set<String> referred, Set<String> doubtful) {
    /** Files that must not be touched. */
    Set<String> untouchable() {
      Set<String> all = new HashSet<>(referred);
      all.addAll(doubtful);
      return all;
    }
  }

  /**
   * Looks at the table of that name, and at every table in the database, whatever its catalog, that
   * shares {@code location} or a directory of the files.
   *
   * @throws dev.firn.error.FirnException CORRUPT where one of them cannot be read whole
   */
  Found among(Collection<String> candidates, String table, String location) {
    Search search = new Search(candidates);
    Spelling root = Spelling.of(location);
    List<SweptIntents.Name> concerned = new ArrayList<>();
    for (SweptIntents.Name name : database.names()) {
      if (isConcerned(name, table, root, search)) {
        concerned.add(name);
      }
    }
    for (SweptIntents.Name name : concerned) {
      search.seen(name.metadataLocation());
      if (!name.view()) {
        files.each(files.read(name.metadataLocation()), search::seen);
      }
    }
    return search.found();
  }

  private boolean isConcerned(SweptIntents.Name name, String table, Spelling root, Search search) {
    if (name.catalog().equals(catalog) && name.table().equals(table)) {
      return true;
    }
    Spelling directory = directory(name.metadataLocation());
    return directory.overlaps(root) || search.isBelow(directory);
  }

  /** As {@link #among}, of the one table. */
  Found among(Collection<String> candidates, TableMetadata table) {
    Search search = new Search(candidates);
    files.each(table, search::seen);
    return search.found();
  }

  TableMetadata read(String metadataLocation) {
    return files.read(metadataLocation);
  }

  /** The directory of the table whose metadata file this is, by the usual layout. */
  static Spelling directory(String metadataLocation) {
    Spelling file = Spelling.of(metadataLocation);
    int name = file.path().lastIndexOf('/');
    String parent = name < 0 ? "" : file.path().substring(0, name);
    return new Spelling(
        file.store(),
        parent.endsWith("/metadata")
            ? parent.substring(0, parent.length() - "/metadata".length())
            : parent);
  }

  /** The candidates by path, and which of them were seen. */
  private static final class Search {
    private record Candidate(String location, Spelling spelling) {}

    private final Map<String, List<Candidate>> byPath = new HashMap<>();
    private final Set<String> referred = new HashSet<>();
    private final Set<String> doubtful = new HashSet<>();

    Search(Collection<String> candidates) {
      for (String location : candidates) {
        Spelling spelling = Spelling.of(location);
        byPath
            .computeIfAbsent(spelling.path(), path -> new ArrayList<>())
            .add(new Candidate(location, spelling));
      }
    }

    boolean isBelow(Spelling directory) {
      return byPath.values().stream()
          .flatMap(List::stream)
          .anyMatch(candidate -> directory.holds(candidate.spelling()));
    }

    void seen(String location) {
      Spelling spelling = Spelling.of(location);
      for (Candidate candidate : byPath.getOrDefault(spelling.path(), List.of())) {
        (candidate.spelling().equals(spelling) ? referred : doubtful).add(candidate.location());
      }
    }

    Found found() {
      doubtful.removeAll(referred);
      return new Found(referred, doubtful);
    }
  }
}
