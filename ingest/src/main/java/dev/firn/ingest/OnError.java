package dev.firn.ingest;

/** What becomes of rows that do not fit. */
public enum OnError {
  /** The first one stops the load, and nothing is committed. */
  FAIL,
  /** They go into {@code <table>__rejected}, each with its place and reason. */
  QUARANTINE
}
