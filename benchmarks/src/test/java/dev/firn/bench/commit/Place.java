package dev.firn.bench.commit;

import dev.firn.Settings;
import java.nio.file.Path;
import java.util.Map;

/** Where one side's catalog and files are: a database and a local warehouse of its own. */
record Place(String uri, String warehouse) {
  static Place of(String uri, Path directory) {
    return new Place(uri, directory.toAbsolutePath().toUri().toString());
  }

  boolean isSqlite() {
    return uri.startsWith("jdbc:sqlite:");
  }

  Settings settings() {
    return new Settings(warehouse, uri, Settings.DEFAULT_CATALOG_NAME, Map.of());
  }
}
