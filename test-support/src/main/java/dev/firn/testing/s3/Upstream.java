package dev.firn.testing.s3;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * The way to the server. Keeps connections for reuse, and lets changes of one key through one at a
 * time: the server looks at a condition first and writes later, real ones do both at once.
 * Thread-safe.
 */
final class Upstream implements AutoCloseable {
  private static final Set<String> NOT_PASSED_ON =
      Set.of("connection", "keep-alive", "expect", "transfer-encoding", "content-length");
  // well below the time after which the server ends an idle connection
  private static final long LONGEST_IDLE_NANOS = TimeUnit.SECONDS.toNanos(5);
  // From here on, the server is asked first: where it refuses a request by its head, it ends the
  // connection, and an answer may be lost to bytes that it did not read.
  private static final long ASKED_FIRST_BYTES = 16 << 10;

  private final int port;
  private final Pieces pieces;
  private final ConcurrentLinkedDeque<Link> idle = new ConcurrentLinkedDeque<>();
  private final List<ReentrantLock> locks = Stream.generate(ReentrantLock::new).limit(256).toList();

  Upstream(int port, Pieces pieces) {
    this.port = port;
    this.pieces = pieces;
  }

  /** Sends a request and receives the head of its answer. */
  Answer exchange(S3Request request, HttpHead head, HeldBody body) throws IOException {
    if (!request.kind().changesKey()) {
      return send(request, head, body);
    }
    int key = (request.bucket() + "/" + request.key()).hashCode();
    ReentrantLock lock = locks.get(Math.floorMod(key, locks.size()));
    lock.lock();
    try {
      return send(request, head, body);
    } finally {
      lock.unlock();
    }
  }

  Pieces pieces() {
    return pieces;
  }

  /** Takes a connection back that carried a request and the whole of its answer. */
  void give(Link link) {
    link.idle(System.nanoTime());
    idle.push(link);
  }

  private Answer send(S3Request request, HttpHead head, HeldBody body) throws IOException {
    Link link = take();
    try {
      return send(link, request, head, body);
    } catch (IOException e) {
      link.close();
      if (!link.used()) {
        throw e;
      }
    }
    // the server ended the connection while it was idle
    Link fresh = connect();
    try {
      return send(fresh, request, head, body);
    } catch (IOException e) {
      fresh.close();
      throw e;
    }
  }

  private Answer send(Link link, S3Request request, HttpHead head, HeldBody body)
      throws IOException {
    boolean asks = body.length() > ASKED_FIRST_BYTES;
    List<String> more = new ArrayList<>();
    if (body.length() > 0 || head.length() == 0) {
      more.add("Content-Length: " + body.length());
    }
    if (asks) {
      more.add("Expect: 100-continue");
    }
    OutputStream out = link.out();
    head.write(out, NOT_PASSED_ON, more);
    if (!asks) {
      body.write(out, body.length());
    }
    out.flush();
    HttpHead answer = answer(link);
    boolean wanted = answer.status() == 100;
    if (wanted) {
      body.write(out, asks ? body.length() : 0);
      out.flush();
    }
    while (answer.status() == 100) {
      answer = answer(link);
    }
    return Answer.read(answer, request.method().equals("HEAD"), link, this);
  }

  private static HttpHead answer(Link link) throws IOException {
    HttpHead head = HttpHead.read(link.in());
    if (head == null) {
      throw new IOException("Server ended the connection without an answer");
    }
    return head;
  }

  private Link take() throws IOException {
    for (Link link = idle.poll(); link != null; link = idle.poll()) {
      if (System.nanoTime() - link.idleSince() < LONGEST_IDLE_NANOS) {
        return link;
      }
      link.close();
    }
    return connect();
  }

  private Link connect() throws IOException {
    return new Link(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  @Override
  public void close() throws IOException {
    for (Link link = idle.poll(); link != null; link = idle.poll()) {
      link.close();
    }
  }
}
