package dev.firn.storage.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** A server of S3's protocol that answers as a test says, and keeps what it was asked. */
final class CannedS3 implements AutoCloseable {
  /** What was asked; header names in lower case, the query decoded. */
  record Asked(String method, String path, String query, Map<String, String> headers, String body) {
    String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  /** What is answered. */
  record Told(int status, Map<String, String> headers, String body) {
    static Told ok(String body) {
      return new Told(200, Map.of(), body);
    }

    static Told error(int status, String code) {
      return new Told(
          status,
          Map.of("x-amz-request-id", "REQ42"),
          "<Error><Code>" + code + "</Code><Message>as it says</Message></Error>");
    }

    Told with(String header, String value) {
      Map<String, String> all = new HashMap<>(headers);
      all.put(header, value);
      return new Told(status, all, body);
    }
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();

  CannedS3(Function<Asked, Told> answers) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", exchange -> answer(exchange, answers));
    server.start();
  }

  private void answer(HttpExchange exchange, Function<Asked, Told> answers) {
    try (exchange) {
      Map<String, String> headers = new HashMap<>();
      exchange
          .getRequestHeaders()
          .forEach((name, all) -> headers.put(name.toLowerCase(Locale.ROOT), all.get(0)));
      String query = exchange.getRequestURI().getRawQuery();
      Asked request =
          new Asked(
              exchange.getRequestMethod(),
              exchange.getRequestURI().getPath(),
              query == null ? "" : URLDecoder.decode(query, UTF_8),
              headers,
              new String(exchange.getRequestBody().readAllBytes(), UTF_8));
      asked.add(request);
      Told told = answers.apply(request);
      told.headers().forEach(exchange.getResponseHeaders()::set);
      byte[] body = told.body().getBytes(UTF_8);
      boolean head = request.method().equals("HEAD");
      if (head && told.status() == 200) {
        exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
      }
      exchange.sendResponseHeaders(told.status(), head || body.length == 0 ? -1 : body.length);
      if (!head && body.length > 0) {
        exchange.getResponseBody().write(body);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<Asked> asked() {
    return List.copyOf(asked);
  }

  /** A store that asks it, and does not try again but where the test says so. */
  S3Store store(String... more) {
    S3Store store = new S3Store();
    store.initialize(properties(more));
    return store;
  }

  Map<String, String> properties(String... more) {
    Map<String, String> properties = new HashMap<>();
    properties.put("s3.endpoint", "http://127.0.0.1:" + server.getAddress().getPort());
    properties.put("s3.path-style-access", "true");
    properties.put("s3.access-key-id", "AKIATESTID");
    properties.put("s3.secret-access-key", "verysecretkey");
    properties.put("s3.retry.num-retries", "0");
    properties.put("s3.retry.min-wait-ms", "1");
    properties.put("s3.retry.max-wait-ms", "2");
    for (int i = 0; i < more.length; i += 2) {
      properties.put(more[i], more[i + 1]);
    }
    return properties;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
