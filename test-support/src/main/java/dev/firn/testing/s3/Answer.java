package dev.firn.testing.s3;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The server's answer: its head, and its body, which waits in the connection or, where its length
 * was not told, was received whole. Owns the connection until {@link #close}. Confined.
 */
final class Answer implements AutoCloseable {
  private static final Set<String> NOT_PASSED_ON =
      Set.of("connection", "keep-alive", "transfer-encoding");

  private final HttpHead head;
  private final @Nullable HeldBody held;
  private final long length;
  private final Link link;
  private final Upstream upstream;
  private boolean whole;

  private Answer(
      HttpHead head, @Nullable HeldBody held, long length, Link link, Upstream upstream) {
    this.head = head;
    this.held = held;
    this.length = length;
    this.link = link;
    this.upstream = upstream;
    this.whole = held != null || length == 0;
  }

  /**
   * Reads what follows a head.
   *
   * @param bodiless whether the request is one whose answers have no body, whatever they say
   */
  static Answer read(HttpHead head, boolean bodiless, Link link, Upstream upstream)
      throws IOException {
    if (bodiless || head.status() == 204 || head.status() == 304) {
      return new Answer(head, null, 0, link, upstream);
    }
    if (head.chunked()) {
      HeldBody held = HeldBody.read(head, link.in(), upstream.pieces());
      return new Answer(head, held, held.length(), link, upstream);
    }
    if (head.length() < 0) {
      throw new IOException("Cannot pass on an answer of unknown length: " + head.first());
    }
    return new Answer(head, null, head.length(), link, upstream);
  }

  int status() {
    return head.status();
  }

  /** Returns how many bytes its body has. */
  long length() {
    return length;
  }

  void writeHead(OutputStream out) throws IOException {
    head.write(out, NOT_PASSED_ON, held == null ? List.of() : List.of("Content-Length: " + length));
  }

  /**
   * Writes the first bytes of the body, with one bit flipped.
   *
   * @param flip in which byte, -1 for none
   */
  void writeBody(OutputStream out, long bytes, long flip) throws IOException {
    if (held != null) {
      if (flip >= 0) {
        held.flip(flip);
      }
      held.write(out, bytes);
      return;
    }
    byte[] piece = upstream.pieces().take();
    try {
      for (long done = 0; done < bytes; ) {
        int size = link.in().read(piece, 0, (int) Math.min(piece.length, bytes - done));
        if (size < 0) {
          throw new EOFException("Server ended its answer early");
        }
        if (flip >= done && flip < done + size) {
          piece[(int) (flip - done)] ^= 1;
        }
        out.write(piece, 0, size);
        done += size;
      }
    } finally {
      upstream.pieces().give(piece);
    }
    whole = bytes == length;
  }

  /** Gives the connection back, or ends it where some of the answer is still in it. */
  @Override
  public void close() throws IOException {
    if (held != null) {
      held.close();
    }
    if (whole && !head.last()) {
      upstream.give(link);
    } else {
      link.close();
    }
  }
}
