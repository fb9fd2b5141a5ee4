package dev.firn.testing.s3;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/** An open connection. Confined to one thread at a time, but for {@link #close}. */
final class Link implements Closeable {
  private static final int BUFFER = 16 << 10;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private long idleSince = Long.MIN_VALUE;

  Link(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    this.in = new BufferedInputStream(socket.getInputStream(), BUFFER);
    this.out = new BufferedOutputStream(socket.getOutputStream(), BUFFER);
  }

  InputStream in() {
    return in;
  }

  OutputStream out() {
    return out;
  }

  /** Whether it carried an exchange before. */
  boolean used() {
    return idleSince != Long.MIN_VALUE;
  }

  long idleSince() {
    return idleSince;
  }

  void idle(long nanos) {
    idleSince = nanos;
  }

  /** Ends it so that the other side sees a reset, and not an end. */
  void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** Waits until the other side ends it or says anything, or the time is up. */
  void awaitEnd(int millis) throws IOException {
    socket.setSoTimeout(millis);
    in.read();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
