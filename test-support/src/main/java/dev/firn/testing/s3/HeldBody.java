package dev.firn.testing.s3;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** A body that was received whole, in pieces that it gives back on close. Confined. */
final class HeldBody implements AutoCloseable {
  private final Pieces pieces;
  private final List<byte[]> held = new ArrayList<>();
  private long length;

  private HeldBody(Pieces pieces) {
    this.pieces = pieces;
  }

  /** Receives the body that belongs to a head. */
  static HeldBody read(HttpHead head, InputStream in, Pieces pieces) throws IOException {
    HeldBody body = new HeldBody(pieces);
    try {
      if (head.chunked()) {
        body.readChunks(in);
      } else {
        body.read(in, Math.max(0, head.length()));
      }
      return body;
    } catch (IOException e) {
      body.close();
      throw e;
    }
  }

  long length() {
    return length;
  }

  /** Writes the first bytes of it. */
  void write(OutputStream out, long bytes) throws IOException {
    long left = bytes;
    for (int i = 0; left > 0; i++) {
      int size = (int) Math.min(left, Pieces.SIZE);
      out.write(held.get(i), 0, size);
      left -= size;
    }
  }

  /** Flips one bit of one byte. */
  void flip(long position) {
    held.get((int) (position / Pieces.SIZE))[(int) (position % Pieces.SIZE)] ^= 1;
  }

  int at(long position) {
    return held.get((int) (position / Pieces.SIZE))[(int) (position % Pieces.SIZE)];
  }

  private void readChunks(InputStream in) throws IOException {
    for (long size = chunk(in); size > 0; size = chunk(in)) {
      read(in, size);
      HttpHead.some(in);
    }
    while (!HttpHead.some(in).isEmpty()) {
      // trailers say nothing that is needed here
    }
  }

  private static long chunk(InputStream in) throws IOException {
    return Long.parseLong(HttpHead.some(in).split(";", 2)[0].trim(), 16);
  }

  private void read(InputStream in, long bytes) throws IOException {
    long left = bytes;
    while (left > 0) {
      int used = (int) (length % Pieces.SIZE);
      if (used == 0) {
        held.add(pieces.take());
      }
      int size = (int) Math.min(left, Pieces.SIZE - used);
      if (in.readNBytes(held.get(held.size() - 1), used, size) < size) {
        throw new EOFException("Connection ended within a body");
      }
      length += size;
      left -= size;
    }
  }

  @Override
  public void close() {
    held.forEach(pieces::give);
    held.clear();
  }
}
