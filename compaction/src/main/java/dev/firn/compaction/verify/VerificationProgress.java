package dev.firn.compaction.verify;

/**
 * Told of a running verification, from the thread that runs it, now and then. Where it throws, the
 * verification ends with that.
 */
@FunctionalInterface
public interface VerificationProgress {
  /** Files of {@code bytes} were looked at, {@code rows} rows read. */
  void update(long bytes, long rows);
}
