package dev.firn.catalog.table;

import java.util.Arrays;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;

/**
 * Where new tables go: {@code warehouse/namespace/table-1a2b3c4d}. The suffix keeps a table that is
 * dropped, or renamed, and made again from sharing a directory with its predecessor. Signs that
 * some store or engine gives a meaning ({@code #}, {@code ?}, {@code %}, spaces, non-ASCII) become
 * {@code _}: Iceberg's S3 client cuts a key at {@code #}. Stateless.
 */
public final class TableLocations {
  private static final int LONGEST_NAME = 60;
  private static final int SUFFIX = 8;

  private TableLocations() {}

  public static String unique(String warehouse, TableIdentifier id) {
    String suffix = UUID.randomUUID().toString().substring(0, SUFFIX);
    return namespace(warehouse, id.namespace()) + "/" + safe(id.name()) + "-" + suffix;
  }

  /** Returns the directory that the tables of a namespace are in. */
  public static String namespace(String warehouse, Namespace namespace) {
    return Stream.concat(
            Stream.of(warehouse), Arrays.stream(namespace.levels()).map(TableLocations::safe))
        .collect(Collectors.joining("/"));
  }

  private static String safe(String name) {
    String safe = name.replaceAll("[^A-Za-z0-9_=-]", "_");
    return safe.substring(0, Math.min(LONGEST_NAME, safe.length()));
  }
}
