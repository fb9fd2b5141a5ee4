package dev.firn.ingest.read;

/** Decides about rows that do not fit. Called from the reading thread. */
@FunctionalInterface
public interface RejectHandler {
  /** Stops at the first. */
  RejectHandler FAIL =
      rejected -> {
        throw rejected.toException();
      };

  /** Takes the row over; reading continues unless this throws. */
  void reject(Rejected rejected);
}
