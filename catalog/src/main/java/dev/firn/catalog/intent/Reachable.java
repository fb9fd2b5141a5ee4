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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out which of some files any table still refers to. Thread-safe; borrows the database and
 * the stores.
 */
final class Reachable {
  private static final Logger LOG = LoggerFactory.getLogger(Reachable.class);

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
   * @param doubtful those that a table refers to by what may be another name of the same file:
   *     another scheme or store, percent encodings, links
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
    return among(candidates, table, location, false);
  }

  /**
   * Looks at every table in the database: at such, too, as have moved or import files from other
   * directories. What is to be deleted for good is worth that.
   *
   * @throws dev.firn.error.FirnException CORRUPT where a table of this catalog, or one that {@link
   *     #among(Collection, String, String)} looks at, cannot be read whole
   */
  Found amongAll(Collection<String> candidates, String table, String location) {
    return among(candidates, table, location, true);
  }

  private Found among(Collection<String> candidates, String table, String location, boolean all) {
    Search search = new Search(candidates);
    Spelling root = Spelling.of(location);
    for (SweptIntents.Name name : database.names()) {
      boolean near = isConcerned(name, table, root, search);
      if (near || (all && name.catalog().equals(catalog))) {
        look(name, search);
      } else if (all) {
        lookIfReadable(name, search);
      }
    }
    return search.found();
  }

  private void look(SweptIntents.Name name, Search search) {
    search.seen(name.metadataLocation());
    if (!name.view()) {
      files.each(files.read(name.metadataLocation()), search::seen);
    }
  }

  /** Of another catalog, at another place, whose store may not be ours to read. */
  private void lookIfReadable(SweptIntents.Name name, Search search) {
    try {
      look(name, search);
    } catch (RuntimeException e) {
      LOG.warn(
          "Cannot ask {} of catalog {} for files to be deleted, which are elsewhere: {}",
          name.table(),
          name.catalog(),
          e.toString());
    }
  }

  private boolean isConcerned(SweptIntents.Name name, String table, Spelling root, Search search) {
    if (name.catalog().equals(catalog) && name.table().equals(table)) {
      return true;
    }
    Spelling directory = directory(name.metadataLocation());
    return directory.mayOverlap(root) || search.isBelow(directory);
  }

  /** Which of the files are named, in whatever spelling. */
  static Found named(Collection<String> candidates, Collection<String> names) {
    Search search = new Search(candidates);
    names.forEach(search::seen);
    return search.found();
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

  /** The candidates by their last name, and which of them were seen. */
  private static final class Search {
    private record Candidate(String location, Spelling spelling) {}

    private final Map<String, List<Candidate>> byName = new HashMap<>();
    private final Set<String> referred = new HashSet<>();
    private final Set<String> doubtful = new HashSet<>();

    Search(Collection<String> candidates) {
      for (String location : candidates) {
        Spelling spelling = Spelling.of(location);
        byName
            .computeIfAbsent(spelling.name(), path -> new ArrayList<>())
            .add(new Candidate(location, spelling));
      }
    }

    boolean isBelow(Spelling directory) {
      return byName.values().stream()
          .flatMap(List::stream)
          .anyMatch(candidate -> directory.mayHold(candidate.spelling()));
    }

    void seen(String location) {
      Spelling spelling = Spelling.of(location);
      for (Candidate candidate : byName.getOrDefault(spelling.name(), List.of())) {
        if (candidate.spelling().equals(spelling)) {
          referred.add(candidate.location());
        } else if (candidate.spelling().mayBe(spelling)) {
          doubtful.add(candidate.location());
        }
      }
    }

    Found found() {
      doubtful.removeAll(referred);
      return new Found(referred, doubtful);
    }
  }
}
