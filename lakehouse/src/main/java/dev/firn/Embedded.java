package dev.firn;

import dev.firn.error.FirnException;
import dev.firn.storage.Locations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The embedded lakehouse's own directory: a local warehouse with its catalog in an SQLite file. */
final class Embedded {
  private Embedded() {}

  static String catalogUri(Settings settings) {
    return "jdbc:sqlite:" + directory(settings).resolve(Settings.EMBEDDED_CATALOG);
  }

  /** Accepts a directory that is a warehouse, is empty, or does not exist yet. */
  static void checkUsable(Settings settings) {
    Path directory = directory(settings);
    if (Files.exists(directory.resolve(Settings.EMBEDDED_CATALOG)) || !Files.exists(directory)) {
      return;
    }
    if (!Files.isDirectory(directory)) {
      throw FirnException.invalid(
          "Cannot open a lakehouse at %s: it is a file, expected a directory".formatted(directory));
    }
    try (Stream<Path> entries = Files.list(directory)) {
      if (entries.findAny().isPresent()) {
        throw FirnException.invalid(
            "Cannot open a lakehouse at %s: the directory holds other files and no %s; name an empty or new directory, or set the catalog"
                .formatted(directory, Settings.EMBEDDED_CATALOG));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void checkPresent(Settings settings) {
    Path directory = directory(settings);
    checkUsable(settings);
    if (!Files.exists(directory.resolve(Settings.EMBEDDED_CATALOG))) {
      throw FirnException.notFound(
          "Cannot open a lakehouse at %s: there is none; 'firn init --warehouse %s' makes one"
              .formatted(directory, directory));
    }
  }

  private static Path directory(Settings settings) {
    String warehouse = settings.warehouse();
    if (!Locations.local(warehouse)) {
      throw FirnException.invalid(
          "Cannot open a lakehouse at %s: a warehouse in a remote store needs a catalog; set 'catalog' (jdbc:postgresql://…, jdbc:sqlite:…, http://…)"
              .formatted(warehouse));
    }
    return Locations.localPath(warehouse);
  }
}
