package dev.firn.testing;

/** What can be asked of a store. {@code READ} and {@code WRITE} are calls on open streams. */
public enum FileOperation {
  /** A look at length or existence. */
  STAT,
  /** Opening a file to read. */
  OPEN,
  READ,
  /** Starting a file. */
  CREATE,
  WRITE,
  /** Closing a file that was written: what publishes it. */
  CLOSE,
  DELETE,
  LIST
}
