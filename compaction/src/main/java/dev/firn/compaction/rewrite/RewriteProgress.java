package dev.firn.compaction.rewrite;

/** Is told how a rewrite goes on, now and then. Called from the thread that rewrites. */
@FunctionalInterface
public interface RewriteProgress {
  /** Hears nothing. */
  RewriteProgress NONE = (bytes, rows) -> {};

  /** So many more bytes of sources were read, and so many more live rows in them. */
  void advance(long bytes, long rows);
}
