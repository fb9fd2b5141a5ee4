package dev.firn.catalog.jdbc;

import com.zaxxer.hikari.HikariConfig;
import java.util.Map;
import java.util.Properties;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.apache.iceberg.CatalogProperties;

/** Opens the databases that a catalog can be in. Stateless. */
public final class Connections {
  private static final String POSTGRESQL = "jdbc:postgresql:";
  private static final String DRIVER_PROPERTY = "jdbc.";

  private Connections() {}

  /** Whether the URI is of a database that is supported. */
  public static boolean supports(String uri) {
    return uri.startsWith(SqliteFile.SCHEME) || uri.startsWith(POSTGRESQL);
  }

  /**
   * Opens the database and makes its tables where they are missing. Properties that begin with
   * {@code jdbc.} go to the driver; {@code clients} bounds the pool.
   */
  public static Database open(
      String uri, Map<String, String> properties, UnaryOperator<DataSource> decorate) {
    if (uri.startsWith(SqliteFile.SCHEME)) {
      SqliteFile file = SqliteFile.open(uri);
      HikariConfig config = config(file.uri(), SqliteFile.withDefaults(properties), 4);
      return Database.open(config, Dialect.SQLITE, decorate);
    }
    return Database.open(config(uri, properties, 10), Dialect.POSTGRESQL, decorate);
  }

  private static HikariConfig config(String uri, Map<String, String> properties, int clients) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(uri);
    config.setPoolName("firn-catalog");
    config.setMaximumPoolSize(
        Integer.parseInt(
            properties.getOrDefault(
                CatalogProperties.CLIENT_POOL_SIZE, Integer.toString(clients))));
    config.setMinimumIdle(1);
    Properties driver = new Properties();
    properties.forEach(
        (key, value) -> {
          if (key.startsWith(DRIVER_PROPERTY)) {
            driver.setProperty(key.substring(DRIVER_PROPERTY.length()), value);
          }
        });
    config.setDataSourceProperties(driver);
    return config;
  }
}
