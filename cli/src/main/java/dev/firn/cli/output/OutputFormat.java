package dev.firn.cli.output;

/** How data is written to stdout. */
public enum OutputFormat {
  /** Aligned columns, for people. */
  TABLE,
  /** One JSON array of objects, or one object. */
  JSON,
  /** RFC 4180 with a header, lines ended by a line feed. */
  CSV
}
