package dev.firn.storage;

import dev.firn.error.FirnException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The string form of a location: {@code file:///absolute/path} for local files, the URI as given
 * for everything else, without trailing slashes. Stateless.
 *
 * <p>The path part is literal, never percent-encoded: {@code file:///data/a b#c} and not {@code
 * file:///data/a%20b%23c}. Hadoop's {@code Path}, and so Spark, reads and prints locations that
 * way, and Iceberg compares them as strings; an encoded form would name another directory there.
 * Hence {@code %20} in a location means the three characters {@code %20}; to come from a {@link
 * java.net.URI}, go through {@code Path.of(uri)} and {@link #of(Path)}.
 */
public final class Locations {
  private static final String LOCAL = "file";

  private Locations() {}

  /** Returns the location of a local path, made absolute; symbolic links are kept. */
  public static String of(Path path) {
    String separator = path.getFileSystem().getSeparator();
    String absolute = path.toAbsolutePath().normalize().toString().replace(separator, "/");
    return "file://" + (absolute.startsWith("/") ? absolute : "/" + absolute);
  }

  /**
   * Returns the normal form of a path or URI: {@code data/lake}, {@code /data/lake}, {@code
   * file:/data/lake}, {@code s3://bucket/lake/}.
   *
   * @throws FirnException INVALID if it is empty, names a file on another host, or no path of this
   *     machine
   */
  public static String parse(String text) {
    if (text.isBlank()) {
      throw FirnException.invalid(
          "Cannot use location: it is empty, expected a directory or a URI such as"
              + " file:///data/lake or s3://bucket/lake");
    }
    String scheme = scheme(text);
    if (scheme == null || scheme.equals(LOCAL)) {
      return of(localPath(text));
    }
    if (text.indexOf("://") != scheme.length()) {
      throw FirnException.invalid(
          "Cannot use location: expected " + scheme + "://…, got " + text + " [" + text + "]");
    }
    return stripTrailingSlashes(scheme + text.substring(scheme.length()));
  }

  /** Returns whether a location is on this machine's file system. */
  public static boolean local(String location) {
    String scheme = scheme(location);
    return scheme == null || scheme.equals(LOCAL);
  }

  /**
   * Returns the path of a local location, in any of its spellings: {@code /a}, {@code file:/a},
   * {@code file:///a}, {@code file://localhost/a}. Nothing is decoded.
   *
   * @throws FirnException INVALID if it is not local
   */
  public static Path localPath(String location) {
    if (!local(location)) {
      throw FirnException.invalid(
          "Cannot open local file: expected a path or file:///…, got " + location);
    }
    try {
      return Path.of(localPart(location));
    } catch (InvalidPathException e) {
      throw FirnException.invalid(
          "Cannot use location: "
              + e.getReason()
              + " ["
              + location
              + "]; names outside ASCII need a UTF-8 locale, for example LC_ALL=C.UTF-8 (now: "
              + System.getProperty("sun.jnu.encoding")
              + ")");
    }
  }

  /** Returns the lower-cased scheme, or null for a plain path (also {@code C:\…}). */
  public static @Nullable String scheme(String location) {
    int colon = location.indexOf(':');
    if (colon < 2 || !Character.isLetter(location.charAt(0))) {
      return null;
    }
    for (int i = 0; i < colon; i++) {
      char c = location.charAt(i);
      if (c > 'z' || !(Character.isLetterOrDigit(c) || c == '+' || c == '-' || c == '.')) {
        return null;
      }
    }
    return location.substring(0, colon).toLowerCase(Locale.ROOT);
  }

  /** Keeps the root of a file system, {@code /} and {@code file:///}, and an authority. */
  public static String stripTrailingSlashes(String location) {
    int scheme = location.indexOf("://");
    int least = scheme < 0 ? 1 : scheme + "://".length() + 1;
    int end = location.length();
    while (end > least && location.charAt(end - 1) == '/') {
      end--;
    }
    return location.substring(0, end);
  }

  private static String localPart(String location) {
    if (scheme(location) == null) {
      return location;
    }
    String rest = location.substring(LOCAL.length() + 1);
    if (!rest.startsWith("//")) {
      return rest;
    }
    int path = rest.indexOf('/', 2);
    String host = path < 0 ? rest.substring(2) : rest.substring(2, path);
    if (path < 0 || !(host.isEmpty() || host.equals("localhost"))) {
      throw FirnException.invalid(
          "Cannot use location: a file URI names this machine only, expected file:///path, got "
              + location);
    }
    return rest.substring(path);
  }
}
