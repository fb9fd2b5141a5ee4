package dev.firn;

import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import dev.firn.scan.plan.ManifestIndex;
import dev.firn.storage.Locations;
import dev.firn.storage.cache.CacheSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a lakehouse is and how to reach it. Immutable.
 *
 * @param warehouse where table files go: a path or a URI of any store ({@code file:}, {@code s3:},
 *     {@code hdfs:}, …)
 * @param catalog where the pointers are: {@code jdbc:sqlite:…}, {@code jdbc:postgresql:…} or {@code
 *     http(s)://…} (an Iceberg REST catalog); null means an SQLite file {@value #EMBEDDED_CATALOG}
 *     inside a local warehouse
 * @param catalogName the name that the tables stand under in the catalog database: every engine
 *     that shares it must use the same
 * @param properties Iceberg's own catalog and store properties ({@code s3.endpoint}, {@code
 *     jdbc.user}, {@code client.region}, …)
 */
public record Settings(
    String warehouse,
    @Nullable String catalog,
    String catalogName,
    Map<String, String> properties) {
  /** The file of the embedded catalog, inside the warehouse. */
  public static final String EMBEDDED_CATALOG = "firn.db";

  /** The catalog name where none is given. */
  public static final String DEFAULT_CATALOG_NAME = "firn";

  private static final String UPKEEP = "firn.upkeep";
  private static final String SCAN_THREADS = "firn.scan.threads";

  private static final List<String> KEYS =
      List.of(
          "warehouse",
          "catalog",
          "catalog.name",
          "catalog.user",
          "catalog.password",
          UPKEEP,
          SCAN_THREADS,
          CacheSettings.MEMORY_BYTES,
          CacheSettings.DISK_PATH,
          CacheSettings.DISK_BYTES,
          ManifestIndex.BYTES);

  /**
   * Prefixes and names of the other properties that are Iceberg's, its stores' or its catalogs'.
   */
  private static final List<String> ICEBERG_PREFIXES =
      List.of(
          "jdbc.",
          "rest.",
          "hadoop.",
          "fs.",
          "gcs.",
          "adls.",
          "header.",
          "io.",
          "glue.",
          "table-default.",
          "table-override.",
          "http-client.",
          "cache.",
          "metrics-reporter-impl",
          "token",
          "credential",
          "oauth2-server-uri",
          "scope",
          "prefix",
          "clients",
          "rest-");

  public Settings {
    if (warehouse.isBlank()) {
      throw FirnException.invalid(
          "Cannot open a lakehouse: warehouse is empty, expected a path or a URI");
    }
    // A REST server knows its warehouses by names of its own.
    warehouse = remote(catalog) ? warehouse : Locations.parse(warehouse);
    if (catalog != null && remote(catalog) && !withoutUser(catalog).equals(catalog)) {
      // Iceberg's client does not use them, and logs the URI.
      throw FirnException.invalid(
          "Cannot open a lakehouse: the catalog's URI holds a user, set 'credential' or 'token' instead ["
              + withoutSecrets(catalog)
              + "]");
    }
    properties = Map.copyOf(properties);
    properties.keySet().forEach(Settings::check);
    CacheSettings unused = CacheSettings.of(properties);
    long unusedIndex = ManifestIndex.bytes(properties);
    String upkeep = properties.getOrDefault(UPKEEP, "on");
    if (!upkeep.equals("on") && !upkeep.equals("off")) {
      throw FirnException.invalid(
          "Cannot use setting '%s': expected on or off, got '%s'".formatted(UPKEEP, upkeep));
    }
    int unusedThreads = scanThreads(properties);
  }

  /** A local warehouse with its embedded catalog. */
  public static Settings of(Path warehouse) {
    return new Settings(Locations.of(warehouse), null, DEFAULT_CATALOG_NAME, Map.of());
  }

  /**
   * Reads settings from string properties: {@code warehouse}, {@code catalog}, {@code
   * catalog.name}, {@code catalog.user}, {@code catalog.password}, and Iceberg's own.
   *
   * @throws FirnException (invalid) for an unknown key, naming the nearest one
   */
  public static Settings of(Map<String, String> properties) {
    Map<String, String> rest = new TreeMap<>(properties);
    String warehouse = rest.remove("warehouse");
    if (warehouse == null) {
      throw FirnException.invalid(
          "Cannot open a lakehouse: 'warehouse' is not set, expected a path or a URI");
    }
    String catalog = rest.remove("catalog");
    String name = rest.remove("catalog.name");
    move(rest, "catalog.user", "jdbc.user");
    move(rest, "catalog.password", "jdbc.password");
    return new Settings(warehouse, catalog, name == null ? DEFAULT_CATALOG_NAME : name, rest);
  }

  /** Returns true where the catalog is the SQLite file inside the warehouse. */
  public boolean embedded() {
    return catalog == null;
  }

  /**
   * Returns whether tables are kept up after commits of this process: snapshots expired as their
   * table says, manifests merged. {@code firn.upkeep}, on unless it is {@code off}.
   */
  boolean upkeep() {
    return properties.getOrDefault(UPKEEP, "on").equals("on");
  }

  /**
   * Returns how many threads a scan keeps busy, the one that reads it included; with 0 or 1 that
   * alone. {@code firn.scan.threads}, as many as processors unless set.
   */
  int scanThreads() {
    return scanThreads(properties);
  }

  private static int scanThreads(Map<String, String> properties) {
    String text = properties.get(SCAN_THREADS);
    if (text == null) {
      return Runtime.getRuntime().availableProcessors();
    }
    try {
      int threads = Integer.parseInt(text.strip());
      if (threads >= 0 && threads <= 1024) {
        return threads;
      }
    } catch (NumberFormatException e) {
      // Told below, as a number out of range is.
    }
    throw FirnException.invalid(
        "Cannot use setting '%s': expected a number from 0 to 1024, got '%s'"
            .formatted(SCAN_THREADS, text));
  }

  /**
   * Returns {@link #catalog()} for people to read: without user and parameters, where passwords
   * stand.
   */
  public @Nullable String catalogWithoutSecrets() {
    return catalog == null ? null : withoutSecrets(catalog);
  }

  private static boolean remote(@Nullable String catalog) {
    return catalog != null && catalog.startsWith("http");
  }

  private static void move(Map<String, String> from, String key, String to) {
    String value = from.remove(key);
    if (value != null) {
      from.put(to, value);
    }
  }

  private static void check(String key) {
    boolean known =
        StoreProperties.checks(key)
            ? StoreProperties.knows(key)
            : key.startsWith("firn.")
                ? KEYS.contains(key)
                : ICEBERG_PREFIXES.stream().anyMatch(key::startsWith);
    if (!known) {
      List<String> names = Stream.concat(KEYS.stream(), StoreProperties.NAMES.stream()).toList();
      throw FirnException.invalid(
          "Cannot use setting '%s': it is unknown%s".formatted(key, NearMatch.hint(key, names)));
    }
  }

  /** Shows keys and not their values, which may be secrets. */
  @Override
  public String toString() {
    return "Settings[warehouse=%s, catalog=%s, name=%s, properties=%s]"
        .formatted(
            warehouse,
            catalog == null ? EMBEDDED_CATALOG : withoutSecrets(catalog),
            catalogName,
            properties.keySet().stream().sorted().collect(Collectors.joining(", ", "{", "}")));
  }

  /** Drops the user information and the query of a JDBC or REST URI, where passwords stand. */
  private static String withoutSecrets(String uri) {
    return withoutUser(uri).replaceAll("\\?.*", "");
  }

  private static String withoutUser(String uri) {
    return uri.replaceAll("//[^/@]*@", "//");
  }
}
