package dev.firn.scan;

import java.io.IOException;

/** A read that the store failed, and not the decoder of what it read. */
final class StoreReadException extends IOException {
  private static final long serialVersionUID = 1L;

  StoreReadException(IOException cause) {
    super(cause.getMessage(), cause);
  }
}
