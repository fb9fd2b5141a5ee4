package dev.firn.catalog.jdbc;

import java.time.Duration;

/** Lets tests of other packages meet a database that stays away, without the usual wait for it. */
public final class ShortPatience {
  private ShortPatience() {}

  public static void with(Database database, Duration most, Runnable work) {
    Duration usual = database.patience();
    database.patience(most);
    try {
      work.run();
    } finally {
      database.patience(usual);
    }
  }
}
