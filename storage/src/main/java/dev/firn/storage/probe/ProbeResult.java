package dev.firn.storage.probe;

import dev.firn.error.ErrorKind;
import org.jspecify.annotations.Nullable;

/**
 * What came of trying one feature of a store. Immutable.
 *
 * @param needed whether Firn is not safe without it
 * @param detail what the store did instead and what helps; empty where all is well
 * @param kind of the error that ended the try; null where there was none
 */
public record ProbeResult(
    String feature, boolean needed, Status status, String detail, @Nullable ErrorKind kind) {
  /** How it went. */
  public enum Status {
    /** The store does it. */
    OK,
    /** The store does something else. */
    MISSING,
    /** It could not be found out. */
    FAILED
  }

  /** Whether Firn must not be used on the store as it is. */
  public boolean prevents() {
    return needed && status != Status.OK;
  }
}
