package dev.firn.ingest.value;

import org.jspecify.annotations.Nullable;

/** The date styles found by inference, by dotted column path; list elements are {@code a[]}. */
@FunctionalInterface
public interface Styles {
  /** Every date in ISO 8601. */
  Styles ISO = path -> null;

  /** Returns the style of the column's dates, or null for ISO 8601. */
  @Nullable DateStyle of(String path);
}
