package dev.firn.catalog;

import dev.firn.error.FirnException;
import dev.firn.storage.SchemeFileIO;
import java.io.Closeable;
import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * An open catalog: names of namespaces and tables, and which metadata of each is current.
 * Thread-safe. Owns its connections and stores until {@link #close()}; tables loaded from it use
 * them.
 *
 * <p>SQLite and PostgreSQL hold Iceberg's own JDBC catalog tables (schema V1), so that Spark,
 * Trino, Flink and PyIceberg can open the same database under the same catalog name; {@code
 * http(s)} is a REST catalog.
 */
public final class LakeCatalog implements AutoCloseable {
  private static final String POSTGRESQL = "jdbc:postgresql:";

  private final Catalog catalog;
  private final @Nullable String warehouse;

  private LakeCatalog(Catalog catalog, @Nullable String warehouse) {
    this.catalog = catalog;
    this.warehouse = warehouse;
  }

  /**
   * Opens a catalog. SQLite's file and the catalog's tables are made on first use.
   *
   * <p>Properties beginning with {@code jdbc.} go to the database driver ({@code jdbc.user}, {@code
   * jdbc.password}, {@code jdbc.busy_timeout} in milliseconds, 10 s unless set); the others are
   * Iceberg's, for catalog and stores.
   *
   * @throws dev.firn.error.FirnException INVALID for a database that is not supported or a file
   *     that is no catalog, UNAVAILABLE where the database cannot be reached or is held by another
   *     process
   */
  public static LakeCatalog open(CatalogSettings settings) {
    return open(settings, UnaryOperator.identity());
  }

  /**
   * As {@link #open(CatalogSettings)}, with the stores of a JDBC catalog wrapped by {@code
   * decorate}: to count, to cache, to inject faults. A REST catalog makes a store per table and
   * takes none.
   */
  public static LakeCatalog open(CatalogSettings settings, UnaryOperator<FileIO> decorate) {
    String uri = settings.uri();
    try {
      if (uri.startsWith(SqliteFile.SCHEME)) {
        return sqlite(settings, decorate);
      }
      if (uri.startsWith(POSTGRESQL)) {
        return jdbc(settings, new WarehouseCatalog(settings.warehouse(), decorate, null), Map.of());
      }
      String scheme = uri.toLowerCase(Locale.ROOT);
      if (scheme.startsWith("http://") || scheme.startsWith("https://")) {
        return rest(settings);
      }
    } catch (RuntimeException e) {
      throw IcebergErrors.translate("open catalog " + IcebergErrors.withoutSecrets(uri), e);
    }
    throw FirnException.invalid(
        "Cannot open catalog: unknown kind, expected jdbc:sqlite:FILE, jdbc:postgresql://HOST/DATABASE,"
            + " or http(s)://HOST for an Iceberg REST catalog, got "
            + IcebergErrors.withoutSecrets(uri));
  }

  /** Returns the catalog's tables. It throws Iceberg's exceptions. */
  public Catalog tables() {
    return catalog;
  }

  /** Returns the catalog's namespaces. It throws Iceberg's exceptions. */
  public SupportsNamespaces namespaces() {
    return (SupportsNamespaces) catalog;
  }

  /**
   * Loads a table.
   *
   * @throws org.apache.iceberg.exceptions.NoSuchTableException where there is none
   * @throws dev.firn.error.FirnException INVALID for what Firn must not touch: format version 4,
   *     encryption
   */
  public Table loadTable(TableIdentifier id) {
    return catalog.loadTable(id);
  }

  /**
   * Returns a directory in the warehouse that no other table has or had, for a table to be created;
   * null where the catalog's server chooses.
   */
  public @Nullable String newTableLocation(TableIdentifier id) {
    return warehouse == null ? null : TableLocations.unique(warehouse, id);
  }

  @Override
  public void close() {
    if (catalog instanceof Closeable closeable) {
      try {
        closeable.close();
      } catch (IOException e) {
        throw FirnException.unavailable("Cannot close catalog " + catalog.name() + ": " + e, e);
      }
    }
  }

  private static LakeCatalog sqlite(CatalogSettings settings, UnaryOperator<FileIO> decorate) {
    SqliteFile file = SqliteFile.open(settings.uri());
    return jdbc(
        settings,
        new WarehouseCatalog(settings.warehouse(), decorate, file::connect),
        SqliteFile.withDefaults(settings.properties()));
  }

  private static LakeCatalog jdbc(
      CatalogSettings settings, WarehouseCatalog catalog, Map<String, String> defaults) {
    Map<String, String> properties = new HashMap<>();
    properties.put("jdbc.schema-version", "V1");
    properties.put("jdbc.strict-mode", "true");
    properties.putAll(defaults);
    properties.putAll(settings.properties());
    properties.put(CatalogProperties.URI, settings.uri());
    properties.put(CatalogProperties.WAREHOUSE_LOCATION, settings.warehouse());
    catalog.initialize(settings.name(), properties);
    return new LakeCatalog(catalog, settings.warehouse());
  }

  private static LakeCatalog rest(CatalogSettings settings) {
    Map<String, String> properties = new HashMap<>(settings.properties());
    properties.put(CatalogProperties.URI, settings.uri());
    properties.put(CatalogProperties.FILE_IO_IMPL, SchemeFileIO.class.getName());
    if (!settings.warehouse().isEmpty()) {
      properties.put(CatalogProperties.WAREHOUSE_LOCATION, settings.warehouse());
    }
    RemoteCatalog catalog = new RemoteCatalog();
    catalog.initialize(settings.name(), properties);
    return new LakeCatalog(catalog, null);
  }
}
