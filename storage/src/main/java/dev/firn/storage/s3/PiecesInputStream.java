package dev.firn.storage.s3;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;

/** Reads buffers one after the other without moving them. Confined to one thread. */
final class PiecesInputStream extends InputStream {
  private final List<ByteBuffer> pieces;
  private int next;
  private ByteBuffer current = ByteBuffer.allocate(0);

  PiecesInputStream(List<ByteBuffer> pieces) {
    this.pieces = pieces;
  }

  @Override
  public int read() {
    return advance() ? current.get() & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    if (!advance()) {
      return -1;
    }
    int count = Math.min(length, current.remaining());
    current.get(target, offset, count);
    return count;
  }

  @Override
  public int available() {
    return current.remaining();
  }

  private boolean advance() {
    while (!current.hasRemaining()) {
      if (next == pieces.size()) {
        return false;
      }
      current = pieces.get(next++).duplicate();
    }
    return true;
  }
}
