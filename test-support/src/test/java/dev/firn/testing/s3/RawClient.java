package dev.firn.testing.s3;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** An HTTP client that repeats nothing and hides nothing. One connection, confined. */
final class RawClient implements AutoCloseable {
  enum End {
    /** The body came whole. */
    WHOLE,
    /** The connection ended before the body did, or before the answer began. */
    ENDED,
    RESET,
    /** Nothing more came for a while. */
    STALLED
  }

  /** What came: status 0 and no body where no answer came. */
  record Reply(int status, byte[] body, End end) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  private final Socket socket;

  RawClient(int port) throws IOException {
    this(port, 10_000);
  }

  RawClient(int port, int patienceMillis) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(patienceMillis);
  }

  Reply send(String method, String target, byte[] body) throws IOException {
    return send(method, target, Map.of(), body);
  }

  Reply send(String method, String target, Map<String, String> headers, byte[] body)
      throws IOException {
    StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: test\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    message.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    message.writeBytes(body);
    socket.getOutputStream().write(message.toByteArray());
    return receive(method);
  }

  private Reply receive(String method) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    int status = 0;
    try {
      InputStream in = socket.getInputStream();
      HttpHead head = HttpHead.read(in);
      if (head == null) {
        return new Reply(0, new byte[0], End.ENDED);
      }
      status = head.status();
      long length = method.equals("HEAD") ? 0 : Math.max(0, head.length());
      while (body.size() < length) {
        int next = in.read();
        if (next < 0) {
          return new Reply(status, body.toByteArray(), End.ENDED);
        }
        body.write(next);
      }
      return new Reply(status, body.toByteArray(), End.WHOLE);
    } catch (SocketException e) {
      return new Reply(status, body.toByteArray(), End.RESET);
    } catch (SocketTimeoutException e) {
      return new Reply(status, body.toByteArray(), End.STALLED);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
