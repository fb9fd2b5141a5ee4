package dev.firn.ingest.value;

/**
 * A counter of field ids for a schema in the making, from 1 up. Mutable; confined to one thread.
 */
public final class FieldIds {
  private int last;

  /** Returns the next id. */
  public int next() {
    return ++last;
  }
}
