package dev.firn.testing.s3;

import dev.firn.testing.s3.S3Faults.Injected;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Serves the requests of one client connection, one after the other. Confined to its thread. */
final class ClientConnection implements Runnable {
  private static final int LONGEST_STALL_MILLIS = 60_000;

  private final Link client;
  private final Upstream upstream;
  private final S3Faults faults;
  private final S3RequestLog log;

  ClientConnection(Link client, Upstream upstream, S3Faults faults, S3RequestLog log) {
    this.client = client;
    this.upstream = upstream;
    this.faults = faults;
    this.log = log;
  }

  @Override
  public void run() {
    try (client) {
      boolean more = true;
      while (more) {
        HttpHead head = HttpHead.read(client.in());
        more = head != null && serve(head) && !head.last();
      }
    } catch (IOException e) {
      // one of the two sides went away: the other sees its connection end
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns whether the connection can carry another request. */
  private boolean serve(HttpHead head) throws IOException, InterruptedException {
    if (head.waits()) {
      client.out().write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
      client.out().flush();
    }
    try (HeldBody body = HeldBody.read(head, client.in(), upstream.pieces())) {
      S3Request request = S3Request.of(head);
      Injected injected = faults.next(request);
      pause(faults.latency(request));
      return switch (injected == null ? S3Fault.LATENCY : injected.fault()) {
        case SLOW_DOWN -> refuse(request, body, 503, "SlowDown", S3Fault.SLOW_DOWN);
        case INTERNAL_ERROR -> refuse(request, body, 500, "InternalError", S3Fault.INTERNAL_ERROR);
        case RESET_BEFORE -> {
          log.add(new S3Exchange(request, 0, sent(request, body), 0, S3Fault.RESET_BEFORE));
          client.reset();
          yield false;
        }
        default -> forward(request, head, body, injected);
      };
    }
  }

  private boolean refuse(S3Request request, HeldBody body, int status, String code, S3Fault fault)
      throws IOException {
    String text = "<Error><Code>" + code + "</Code><Message>Injected fault</Message></Error>";
    log.add(new S3Exchange(request, status, sent(request, body), text.length(), fault));
    String head =
        String.format(
            Locale.ROOT,
            "HTTP/1.1 %d %s\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n",
            status,
            code,
            text.length());
    String answer = request.method().equals("HEAD") ? head : head + text;
    client.out().write(answer.getBytes(StandardCharsets.ISO_8859_1));
    client.out().flush();
    return true;
  }

  private boolean forward(
      S3Request request, HttpHead head, HeldBody body, @Nullable Injected injected)
      throws IOException, InterruptedException {
    if (injected != null) {
      pause(injected.latency());
      flip(request, body, injected);
    }
    try (Answer answer = upstream.exchange(request, head, body)) {
      S3Fault fault = injected == null ? null : injected.fault();
      log.add(
          new S3Exchange(request, answer.status(), sent(request, body), answer.length(), fault));
      return injected == null ? pass(answer, -1) : damage(answer, injected);
    }
  }

  private boolean damage(Answer answer, Injected injected) throws IOException {
    long place = (long) (injected.place() * answer.length());
    return switch (injected.fault()) {
      case ANSWER_LOST -> {
        client.reset();
        yield false;
      }
      case RESET_BODY -> {
        cut(answer, place);
        client.reset();
        yield false;
      }
      case TRUNCATED_BODY -> {
        cut(answer, place);
        yield false;
      }
      case STALL -> {
        cut(answer, place);
        client.awaitEnd(LONGEST_STALL_MILLIS);
        yield false;
      }
      case FLIPPED_ANSWER ->
          pass(answer, answer.status() < 300 && answer.length() > 0 ? place : -1);
      default -> pass(answer, -1);
    };
  }

  private boolean pass(Answer answer, long flip) throws IOException {
    OutputStream out = client.out();
    answer.writeHead(out);
    answer.writeBody(out, answer.length(), flip);
    out.flush();
    return true;
  }

  private void cut(Answer answer, long bytes) throws IOException {
    if (answer.length() > 0) {
      answer.writeHead(client.out());
      answer.writeBody(client.out(), bytes, -1);
      client.out().flush();
    }
  }

  /** Flips a bit of the object's bytes, and not of what frames them. */
  private static void flip(S3Request request, HeldBody body, Injected injected) {
    if (injected.fault() != S3Fault.FLIPPED_REQUEST) {
      return;
    }
    long start = 0;
    long length = body.length();
    if (request.header("x-amz-decoded-content-length").isPresent()) {
      StringBuilder size = new StringBuilder();
      while (start < length && body.at(start) != '\n') {
        size.append((char) body.at(start++));
      }
      start++;
      length = Long.parseLong(size.toString().split(";", 2)[0].trim(), 16);
    }
    if (length > 0) {
      body.flip(start + (long) (injected.place() * length));
    }
  }

  private static long sent(S3Request request, HeldBody body) {
    return request
        .header("x-amz-decoded-content-length")
        .map(Long::parseLong)
        .orElse(body.length());
  }

  private static void pause(Duration time) throws InterruptedException {
    if (!time.isZero()) {
      Thread.sleep(time.toMillis(), time.toNanosPart() % 1_000_000);
    }
  }
}
