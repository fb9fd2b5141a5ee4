package dev.firn;

import dev.firn.catalog.LakeCatalog;

/** A way to commit files that nobody wrote to a lakehouse with all that it does by itself. */
public final class OpenLake {
  private OpenLake() {}

  /** Returns the catalog, which stays the lakehouse's. */
  public static LakeCatalog catalog(Lakehouse lake) {
    return lake.catalog();
  }
}
