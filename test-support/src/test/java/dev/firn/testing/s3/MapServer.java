package dev.firn.testing.s3;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/**
 * An HTTP server that keeps what is PUT, by path, and looks at {@code If-None-Match} before it
 * writes, not at once. Answers lists in chunks.
 */
final class MapServer implements AutoCloseable {
  private final Map<String, byte[]> objects = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(16);
  private final HttpServer server;

  MapServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  byte[] object(String path) {
    return objects.getOrDefault(path, new byte[0]);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      byte[] body = exchange.getRequestBody().readAllBytes();
      switch (exchange.getRequestMethod()) {
        case "PUT" -> exchange.sendResponseHeaders(put(exchange, path, body), -1);
        case "HEAD" -> exchange.sendResponseHeaders(objects.containsKey(path) ? 200 : 404, -1);
        default -> {
          byte[] object = object(path);
          boolean list = exchange.getRequestURI().getQuery() != null;
          byte[] answer = list ? "a list".getBytes(StandardCharsets.UTF_8) : object;
          exchange.sendResponseHeaders(200, list ? 0 : answer.length == 0 ? -1 : answer.length);
          exchange.getResponseBody().write(answer);
        }
      }
    }
  }

  private int put(HttpExchange exchange, String path, byte[] body) {
    if (exchange.getRequestHeaders().containsKey("If-None-Match") && objects.containsKey(path)) {
      return 412;
    }
    // long enough for another one to look too, where the proxy lets it
    LockSupport.parkNanos(1_000_000);
    objects.put(path, body);
    return 200;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
