package dev.firn.error;

import org.jspecify.annotations.Nullable;

/**
 * The one exception type that Firn throws on purpose. {@link #kind()} says what the caller must do;
 * the message says what could not be done, to which object, why, and the remedy.
 */
public final class FirnException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorKind kind;

  public FirnException(ErrorKind kind, String message) {
    this(kind, message, null);
  }

  public FirnException(ErrorKind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** Returns what the caller must do about it. */
  public ErrorKind kind() {
    return kind;
  }

  public static FirnException invalid(String message) {
    return new FirnException(ErrorKind.INVALID, message);
  }

  public static FirnException notFound(String message) {
    return new FirnException(ErrorKind.NOT_FOUND, message);
  }

  public static FirnException corrupt(String message, @Nullable Throwable cause) {
    return new FirnException(ErrorKind.CORRUPT, message, cause);
  }

  public static FirnException unavailable(String message, @Nullable Throwable cause) {
    return new FirnException(ErrorKind.UNAVAILABLE, message, cause);
  }
}
