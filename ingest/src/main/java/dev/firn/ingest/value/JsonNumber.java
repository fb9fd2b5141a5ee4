package dev.firn.ingest.value;

/**
 * A JSON number as it is written. A JSON value is one of these, or null, Boolean, String, List or
 * Map.
 */
public record JsonNumber(String text) {
  @Override
  public String toString() {
    return text;
  }
}
