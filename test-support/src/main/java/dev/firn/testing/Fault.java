package dev.firn.testing;

import java.io.IOException;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * One failure to come: the {@code nth} operation (from 1) of a kind, on a location that matches,
 * fails, before it has its effect or after.
 *
 * @param operation what fails
 * @param where which locations count
 * @param nth which of the matching operations since the fault was added
 * @param moment whether the effect happens
 * @param error makes what is thrown; calls that declare no IOException throw it unchecked, as
 *     Iceberg's stores do
 */
public record Fault(
    FileOperation operation,
    Predicate<String> where,
    int nth,
    Moment moment,
    Supplier<IOException> error) {

  /** Whether the operation has its effect before it fails. */
  public enum Moment {
    BEFORE,
    AFTER
  }

  public Fault {
    if (nth < 1) {
      throw new IllegalArgumentException("Cannot make fault: expected nth from 1, got " + nth);
    }
  }

  /** Fails the nth operation anywhere, without effect. */
  public static Fault before(FileOperation operation, int nth) {
    return new Fault(operation, any -> true, nth, Moment.BEFORE, Fault::injected);
  }

  /** Fails the nth operation anywhere, after its effect. */
  public static Fault after(FileOperation operation, int nth) {
    return new Fault(operation, any -> true, nth, Moment.AFTER, Fault::injected);
  }

  /** Fails the nth write as a full disk does. */
  public static Fault diskFull(int nth) {
    return before(FileOperation.WRITE, nth)
        .throwing(() -> new IOException("No space left on device"));
  }

  /** Returns the same fault for locations that match only. */
  public Fault at(Predicate<String> locations) {
    return new Fault(operation, locations, nth, moment, error);
  }

  /** Returns the same fault with another error. */
  public Fault throwing(Supplier<IOException> other) {
    return new Fault(operation, where, nth, moment, other);
  }

  private static IOException injected() {
    return new IOException("Injected fault");
  }
}
