package dev.firn.catalog.jdbc;

import com.zaxxer.hikari.HikariConfig;
import dev.firn.catalog.error.IcebergErrors;
import dev.firn.error.FirnException;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.apache.iceberg.CatalogProperties;

/** Opens the databases that a catalog can be in. Stateless. */
public final class Connections {
  private static final String POSTGRESQL = "jdbc:postgresql:";
  private static final String DRIVER_PROPERTY = "jdbc.";
  private static final int MOST_CLIENTS = 1_000;

  /** How long a caller waits for a connection of the pool before it is told, or tries again. */
  private static final long WAIT_MILLIS = 5_000;

  /**
   * A server that was cut off must not hold a caller for ever, nor keep a lock for one who is gone:
   * within the time in which the outcome of a commit is looked up, it must be decided.
   */
  private static final Map<String, String> POSTGRESQL_SETTINGS =
      Map.of(
          "jdbc.ApplicationName", "firn",
          "jdbc.connectTimeout", "5",
          "jdbc.socketTimeout", "20",
          "jdbc.tcpKeepAlive", "true");

  private static final String POSTGRESQL_SESSION =
      "SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '5s'";

  private Connections() {}

  /** Whether the URI is of a database that is supported. */
  public static boolean supports(String uri) {
    return uri.startsWith(SqliteFile.SCHEME) || uri.startsWith(POSTGRESQL);
  }

  /**
   * Opens the database and makes its tables where they are missing. Properties that begin with
   * {@code jdbc.} go to the driver; {@code clients} bounds the pool.
   *
   * @throws FirnException INVALID for a property that is wrong and for a database that is not a
   *     catalog's, UNAVAILABLE where it cannot be reached or is held, NOT_FOUND where there is none
   */
  public static Database open(
      String uri, Map<String, String> properties, UnaryOperator<DataSource> decorate) {
    String doing = "open catalog " + IcebergErrors.withoutSecrets(uri);
    if (!uri.startsWith(SqliteFile.SCHEME)) {
      HikariConfig config = config(doing, uri, with(POSTGRESQL_SETTINGS, properties), 10);
      config.setConnectionInitSql(POSTGRESQL_SESSION);
      return Database.open(doing, config, Dialect.POSTGRESQL, decorate);
    }
    SqliteFile file = SqliteFile.open(uri);
    HikariConfig config = config(doing, file.uri(), with(SqliteFile.SETTINGS, properties), 4);
    prepare(doing, file, config.getDataSourceProperties());
    return Database.open(doing, config, Dialect.SQLITE, decorate);
  }

  /** Where several processes make the file's first tables at once, all but one are told to wait. */
  private static void prepare(String doing, SqliteFile file, Properties driver) {
    try (Patience patience = new Patience(Patience.TOTAL, Dialect.SQLITE.tries())) {
      while (true) {
        try {
          file.prepare(driver);
          return;
        } catch (SQLException e) {
          if (!Dialect.SQLITE.isTransient(e) || !patience.again()) {
            throw Dialect.SQLITE.failure(doing, e);
          }
        }
      }
    }
  }

  private static HikariConfig config(
      String doing, String uri, Map<String, String> properties, int clients) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(uri);
    config.setPoolName("firn-catalog");
    config.setMaximumPoolSize(clients(doing, properties, clients));
    config.setMinimumIdle(1);
    config.setConnectionTimeout(WAIT_MILLIS);
    config.setValidationTimeout(WAIT_MILLIS / 2);
    config.setKeepaliveTime(TimeUnit.MINUTES.toMillis(1));
    config.setIdleTimeout(TimeUnit.MINUTES.toMillis(2));
    Properties driver = new Properties();
    properties.forEach(
        (key, value) -> {
          if (key.startsWith(DRIVER_PROPERTY)) {
            requireNumber(doing, key, value);
            driver.setProperty(key.substring(DRIVER_PROPERTY.length()), value);
          }
        });
    config.setDataSourceProperties(driver);
    return config;
  }

  private static int clients(String doing, Map<String, String> properties, int otherwise) {
    String given = properties.get(CatalogProperties.CLIENT_POOL_SIZE);
    if (given == null) {
      return otherwise;
    }
    int clients = number(doing, CatalogProperties.CLIENT_POOL_SIZE, given);
    if (clients < 1 || clients > MOST_CLIENTS) {
      throw bad(doing, CatalogProperties.CLIENT_POOL_SIZE, "from 1 to " + MOST_CLIENTS, given);
    }
    return clients;
  }

  /** The drivers' own errors name neither the property nor, some of them, the value. */
  private static void requireNumber(String doing, String key, String value) {
    if (key.toLowerCase(Locale.ROOT).endsWith("timeout")) {
      number(doing, key, value);
    }
  }

  private static int number(String doing, String key, String value) {
    try {
      int number = Integer.parseInt(value);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // As a negative one.
    }
    throw bad(doing, key, "a whole number, not negative", value);
  }

  private static FirnException bad(String doing, String key, String expected, String value) {
    return FirnException.invalid(
        "Cannot %s: bad property %s, expected %s, got %s".formatted(doing, key, expected, value));
  }

  private static Map<String, String> with(
      Map<String, String> defaults, Map<String, String> properties) {
    Map<String, String> all = new HashMap<>(defaults);
    all.putAll(properties);
    return all;
  }
}
