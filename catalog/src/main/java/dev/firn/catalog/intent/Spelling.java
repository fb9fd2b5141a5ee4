package dev.firn.catalog.intent;

import dev.firn.storage.Locations;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * A location, taken apart so that two spellings of it compare: {@code file:/a} and {@code
 * file:///a}, {@code s3a://b/k} and {@code s3://b/k}.
 *
 * <p>Equal ones are the same place. Others may be: by another authority or scheme for the same
 * store, by percent encodings, by dots, or by links on a local disk; {@link #mayBe} errs on that
 * side.
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

  /** Whether this may be another name of the other. */
  boolean mayBe(Spelling other) {
    return key().equals(other.key())
        || (isLocal() && other.isLocal() && real().equals(other.real()));
  }

  /** Whether one of them may hold the other, or be it. */
  boolean mayOverlap(Spelling other) {
    return mayHold(other) || other.mayHold(this);
  }

  /** Whether the other may be below this, or be it. */
  boolean mayHold(Spelling other) {
    boolean apart = isBucket() && other.isBucket() && !store.equals(other.store);
    return !apart
        && (isBelow(key(), other.key())
            || (isLocal() && other.isLocal() && isBelow(real(), other.real())));
  }

  private static boolean isBelow(String directory, String path) {
    return path.equals(directory)
        || path.startsWith(directory.endsWith("/") ? directory : directory + "/");
  }

  private boolean isLocal() {
    return store.equals("file");
  }

  /** Whether the authority alone says which store it is. */
  private boolean isBucket() {
    return store.matches("(s3|gs)://.+");
  }

  /** Returns the last part of the path, decoded: all names of a file, but links, have the same. */
  String name() {
    String key = key();
    return key.substring(key.lastIndexOf('/') + 1);
  }

  /** The path, decoded and without dots. */
  private String key() {
    return path.indexOf('%') < 0 && !path.contains("/.") ? path : undotted(decoded(path));
  }

  private static String undotted(String path) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : path.split("/", -1)) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return "/" + String.join("/", parts);
  }

  private static String decoded(String text) {
    byte[] from = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream to = new ByteArrayOutputStream(from.length);
    int at = 0;
    while (at < from.length) {
      int value = from[at] == '%' && at + 2 < from.length ? hex(from[at + 1], from[at + 2]) : -1;
      to.write(value < 0 ? from[at] : value);
      at += value < 0 ? 1 : 3;
    }
    return to.toString(StandardCharsets.UTF_8);
  }

  private static int hex(byte high, byte low) {
    int first = Character.digit(high, 16);
    int second = Character.digit(low, 16);
    return first < 0 || second < 0 ? -1 : first * 16 + second;
  }

  /** The local path without links, as far as it exists. */
  private String real() {
    Path file = Path.of(path);
    for (Path at = file; at != null; at = at.getParent()) {
      if (Files.exists(at)) {
        try {
          return at.toRealPath().resolve(at.relativize(file)).normalize().toString();
        } catch (IOException e) {
          return path;
        }
      }
    }
    return path;
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
