package dev.firn.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.cache.CachedFile;
import dev.firn.storage.cache.MemoryCache;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a catalog of Iceberg's REST protocol cannot do. The server here knows its configuration. */
class RestCatalogTest {
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    serve("/v1/config", "{\"defaults\":{},\"overrides\":{}}");
    server.start();
  }

  private void serve(String path, String json) {
    server.createContext(
        path,
        exchange -> {
          byte[] answer = json.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void hasNoChannelsAndNoTransactions() {
    String uri = "http://127.0.0.1:" + server.getAddress().getPort();
    try (LakeCatalog catalog = LakeCatalog.open(new CatalogSettings("remote", uri, "", Map.of()))) {
      assertInvalid(catalog::channels, "Cannot use channels");
      assertInvalid(() -> catalog.commitTogether(List.of()), "Cannot commit to several tables");
    }
  }

  @Test
  void tablesWithCredentialsOfTheirOwnShareTheCaches() throws IOException {
    for (String name : List.of("a", "b")) {
      serve("/v1/namespaces/ns/tables/" + name, table(name));
    }
    String uri = "http://127.0.0.1:" + server.getAddress().getPort();
    CatalogSettings settings =
        new CatalogSettings("remote", uri, "", Map.of("firn.cache.memory-bytes", "3MB"));
    try (LakeCatalog catalog = LakeCatalog.open(settings)) {
      Table a = catalog.tables().loadTable(TableIdentifier.of("ns", "a"));
      Table b = catalog.tables().loadTable(TableIdentifier.of("ns", "b"));

      assertThat(a.io()).isNotSameAs(b.io());
      assertThat(cache(a).maxBytes()).isEqualTo(3_000_000);
      assertThat(cache(a)).isSameAs(cache(b));
      a.io().close();
      assertThat(cache(a)).isSameAs(cache(b));
    }
  }

  private static MemoryCache cache(Table table) {
    return ((CachedFile) table.io().newInputFile(table.location() + "/f.parquet")).cache();
  }

  private static String table(String name) {
    Schema schema = new Schema(NestedField.required(1, "id", Types.LongType.get()));
    TableMetadata metadata =
        TableMetadata.newTableMetadata(
            schema, PartitionSpec.unpartitioned(), "file:///lake/" + name, Map.of());
    return "{\"metadata-location\":\"file:///lake/%s/m\",\"metadata\":%s,\"config\":{\"s3.session-token\":\"%s\"}}"
        .formatted(name, TableMetadataParser.toJson(metadata), name);
  }

  private static void assertInvalid(ThrowingCallable call, String doing) {
    assertThatThrownBy(call)
        .isInstanceOf(FirnException.class)
        .hasMessageContaining(doing)
        .hasMessageContaining(
            "catalog remote is a REST catalog, expected one of ours (jdbc:sqlite:…, jdbc:postgresql:…)")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.INVALID);
  }
}
