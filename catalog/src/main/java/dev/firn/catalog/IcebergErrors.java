package dev.firn.catalog;

import dev.firn.error.FirnException;

/** Translates what Iceberg, JDBC and the stores throw into {@link FirnException}. SKELETON. */
public final class IcebergErrors {
  private IcebergErrors() {}

  /** {@code doing} is the message's beginning: {@code "append to shop.orders"}. */
  public static FirnException translate(String doing, RuntimeException error) {
    throw new UnsupportedOperationException(doing, error);
  }
}
