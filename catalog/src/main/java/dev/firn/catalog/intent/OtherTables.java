package dev.firn.catalog.intent;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells tables that no database here knows by the metadata files that they keep. Stateless. */
final class OtherTables {
  private static final Logger LOG = LoggerFactory.getLogger(OtherTables.class);

  /** As Iceberg writes it, the id is among the first fields. */
  private static final int BEGINNING_BYTES = 4096;

  private static final Pattern UUID = Pattern.compile("\"table-uuid\"\\s*:\\s*\"([^\"]+)\"");

  private OtherTables() {}

  /** Whether a file is a table's metadata, as its name says. */
  static boolean isMetadata(String location) {
    return location.endsWith(".metadata.json") || location.endsWith(".metadata.json.gz");
  }

  /**
   * Returns the first of these metadata files that says it is of a table of another id. Those that
   * cannot be read, or do not say, are nobody's.
   */
  static Optional<String> first(FileIO store, Collection<String> metadata, String uuid) {
    return metadata.stream()
        .filter(
            file -> {
              Matcher id = UUID.matcher(beginning(store, file));
              return id.find() && !id.group(1).equals(uuid);
            })
        .findFirst();
  }

  private static String beginning(FileIO store, String file) {
    boolean packed = file.endsWith(".gz") || file.contains(".gz.metadata");
    try (InputStream stored = store.newInputFile(file).newStream();
        InputStream text = packed ? new GZIPInputStream(stored) : stored) {
      return new String(text.readNBytes(BEGINNING_BYTES), StandardCharsets.UTF_8);
    } catch (IOException | NotFoundException e) {
      LOG.debug("Cannot read {}", file, e);
      return "";
    }
  }
}
