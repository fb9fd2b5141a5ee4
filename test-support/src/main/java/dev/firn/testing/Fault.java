package dev.firn.testing;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * One fault to come: the {@code nth} operation (from 1) of a kind, on a location that matches,
 * fails, before it has its effect or after; or comes late, or gives other bytes than the file has.
 *
 * @param operation what fails
 * @param where which locations count
 * @param nth which of the matching operations since the fault was added
 * @param moment whether the effect happens
 * @param error makes what is thrown; calls that declare no IOException throw it unchecked, as
 *     Iceberg's stores do
 * @param damage what happens; the moment and the error matter to errors alone
 */
public record Fault(
    FileOperation operation,
    Predicate<String> where,
    int nth,
    Moment moment,
    Supplier<IOException> error,
    Damage damage) {

  /** What a fault does to its operation. */
  public enum Damage {
    /** It throws. */
    ERROR,
    /** It begins {@link #LATENCY} later. */
    LATENCY,
    /**
     * It reads half of what it would have read, and the file ends there. Reads only; those that
     * must fill their target throw {@code EOFException}.
     */
    TRUNCATED,
    /** One bit of what it read is another. Reads only. */
    FLIPPED
  }

  /** Whether the operation has its effect before it fails. */
  public enum Moment {
    BEFORE,
    AFTER
  }

  /** How much later an operation begins that comes late. */
  public static final Duration LATENCY = Duration.ofMillis(20);

  public Fault {
    boolean ofReads = damage == Damage.TRUNCATED || damage == Damage.FLIPPED;
    if (ofReads && operation != FileOperation.READ) {
      throw new IllegalArgumentException(
          "Cannot make fault: expected a READ to be " + damage + ", got " + operation);
    }
    if (nth < 1) {
      throw new IllegalArgumentException("Cannot make fault: expected nth from 1, got " + nth);
    }
  }

  /** An error. */
  public Fault(
      FileOperation operation,
      Predicate<String> where,
      int nth,
      Moment moment,
      Supplier<IOException> error) {
    this(operation, where, nth, moment, error, Damage.ERROR);
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

  /** Delays the nth operation anywhere. */
  public static Fault late(FileOperation operation, int nth) {
    return before(operation, nth).doing(Damage.LATENCY);
  }

  /** Cuts the nth read anywhere. */
  public static Fault truncated(int nth) {
    return before(FileOperation.READ, nth).doing(Damage.TRUNCATED);
  }

  /** Damages the nth read anywhere. */
  public static Fault flipped(int nth) {
    return before(FileOperation.READ, nth).doing(Damage.FLIPPED);
  }

  /** Returns the same fault for locations that match only. */
  public Fault at(Predicate<String> locations) {
    return new Fault(operation, locations, nth, moment, error, damage);
  }

  /** Returns the same fault with another error. */
  public Fault throwing(Supplier<IOException> other) {
    return new Fault(operation, where, nth, moment, other, damage);
  }

  boolean throwsAt(Moment when) {
    return damage == Damage.ERROR && moment == when;
  }

  private Fault doing(Damage other) {
    return new Fault(operation, where, nth, moment, error, other);
  }

  private static IOException injected() {
    return new IOException("Injected fault");
  }
}
