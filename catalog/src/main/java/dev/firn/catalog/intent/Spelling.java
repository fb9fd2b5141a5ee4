package dev.firn.catalog.intent;

import dev.firn.storage.Locations;
import java.util.Locale;

/**
 * A location, taken apart so that two spellings of it compare: {@code file:/a} and {@code
 * file:///a}, {@code s3a://b/k} and {@code s3://b/k}.
 *
 * @param store scheme and authority, of which some have several names
 * @param path without repeated slashes, which some stores ignore and others do not: where two
 *     locations differ in these alone, they count as one
 */
record Spelling(String store, String path) {
  static Spelling of(String location) {
    if (Locations.local(location)) {
      return new Spelling(
          "file", path(Locations.localPath(location).toAbsolutePath().normalize().toString()));
    }
    int colon = location.indexOf(':');
    String scheme = scheme(location.substring(0, colon));
    String rest = location.substring(colon + 1);
    if (!rest.startsWith("//")) {
      return new Spelling(scheme + "://", path(rest));
    }
    int slash = rest.indexOf('/', 2);
    String authority = slash < 0 ? rest.substring(2) : rest.substring(2, slash);
    return new Spelling(scheme + "://" + authority, path(slash < 0 ? "/" : rest.substring(slash)));
  }

  /** Whether the other is this, or is below it. */
  boolean holds(Spelling other) {
    return store.equals(other.store)
        && (other.path.equals(path)
            || other.path.startsWith(path.endsWith("/") ? path : path + "/"));
  }

  /** Whether one of them holds the other. */
  boolean overlaps(Spelling other) {
    return holds(other) || other.holds(this);
  }

  private static String scheme(String text) {
    String scheme = text.toLowerCase(Locale.ROOT);
    return switch (scheme) {
      case "s3a", "s3n" -> "s3";
      case "abfss" -> "abfs";
      case "wasbs" -> "wasb";
      default -> scheme;
    };
  }

  private static String path(String text) {
    String path = text.replaceAll("/+", "/");
    return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
