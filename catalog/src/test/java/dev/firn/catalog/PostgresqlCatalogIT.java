package dev.firn.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.catalog.table.TableName;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.Locations;
import dev.firn.testing.PostgresServer;
import dev.firn.testing.TestServers;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(TestServers.class)
class PostgresqlCatalogIT extends CatalogContract {
  @TempDir Path warehouse;

  private final String database;

  PostgresqlCatalogIT(PostgresServer server) {
    database = server.newDatabase();
  }

  @Override
  CatalogSettings settings() {
    return new CatalogSettings("firn", database, Locations.of(warehouse), Map.of());
  }

  @Test
  void missingDatabaseIsNotFound() {
    String missing = database.replaceFirst("/test_\\d+", "/nowhere");

    assertThatThrownBy(
            () ->
                LakeCatalog.open(
                    new CatalogSettings("firn", missing, Locations.of(warehouse), Map.of())))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("nowhere")
        .hasMessageContaining("create the database first")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.NOT_FOUND);
  }

  @Test
  void catalogsOfDifferentNamesShareADatabase() {
    create(TableName.parse("shop.orders"), Map.of());

    try (LakeCatalog other =
        LakeCatalog.open(
            new CatalogSettings("other", database, Locations.of(warehouse), Map.of()))) {
      assertThat(other.namespaces().listNamespaces()).isEmpty();
    }
  }
}
