package dev.firn.catalog;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
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
    server.createContext(
        "/v1/config",
        exchange -> {
          byte[] answer = "{\"defaults\":{},\"overrides\":{}}".getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
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
