package dev.firn.compaction.erase;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.SeekableInputStream;

/**
 * A file beside the table's metadata that names files which an erasure is about to remove: their
 * snapshots expire first, so whoever goes on after a kill could not tell them from files that a
 * writer has yet to commit. It holds locations alone, one on each line. Immutable.
 */
record Journal(String location, List<String> files) {
  private static final String PREFIX = "erase-";
  private static final String SUFFIX = ".files";

  Journal {
    files = List.copyOf(files);
  }

  static boolean named(String location) {
    String name = location.substring(location.lastIndexOf('/') + 1);
    return name.startsWith(PREFIX) && name.endsWith(SUFFIX);
  }

  /** Returns durably: then the files may become unreachable. */
  static Journal create(Table table, Collection<String> files) {
    String location =
        ((HasTableOperations) table)
            .operations()
            .metadataFileLocation(PREFIX + UUID.randomUUID() + SUFFIX);
    Journal journal = new Journal(location, new ArrayList<>(files));
    byte[] text = String.join("\n", journal.files()).getBytes(StandardCharsets.UTF_8);
    try (OutputStream out = table.io().newOutputFile(location).create()) {
      out.write(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return journal;
  }

  static Journal read(FileIO io, String location) {
    try (SeekableInputStream in = io.newInputFile(location).newStream()) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return new Journal(location, text.lines().filter(line -> !line.isEmpty()).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
