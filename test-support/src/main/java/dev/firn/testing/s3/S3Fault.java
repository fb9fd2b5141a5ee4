package dev.firn.testing.s3;

/** What can go wrong with one request on the wire. */
public enum S3Fault {
  /** Waits before the request goes on: 20 ms by a rule, up to that by a seed. */
  LATENCY,
  /** Answers 503 {@code SlowDown}; the server never sees the request. */
  SLOW_DOWN,
  /** Answers 500 {@code InternalError}; the server never sees the request. */
  INTERNAL_ERROR,
  /** Resets the connection once the request was received; the server never sees it. */
  RESET_BEFORE,
  /** Resets the connection after the server answered: the effect happened, the answer is lost. */
  ANSWER_LOST,
  /** Sends a part of the answer's body, then resets; an answer without a body is lost. */
  RESET_BODY,
  /**
   * Sends a part of the answer's body, then ends the connection; an answer without a body is lost.
   */
  TRUNCATED_BODY,
  /** Flips one bit of an object's bytes on their way to the client. */
  FLIPPED_ANSWER,
  /** Flips one bit of an object's bytes on their way to the server. */
  FLIPPED_REQUEST,
  /**
   * Sends a part of the answer's body (of one without a body, nothing) and then nothing more, until
   * the client gives up, or for a minute.
   */
  STALL;

  /** Whether it can do anything to such a request. */
  boolean applies(S3RequestKind kind) {
    return switch (this) {
      case FLIPPED_ANSWER -> kind.readsObject();
      case FLIPPED_REQUEST -> kind.writesObject();
      default -> true;
    };
  }
}
