package dev.firn.compaction.plan;

import dev.firn.error.FirnException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.iceberg.TableProperties;

/**
 * What makes a file worth rewriting. Immutable.
 *
 * @param targetBytes how large files should be; smaller than 75 % of it is a fragment, larger than
 *     180 % is split
 * @param minInputFiles the fewest fragments worth merging
 * @param deleteRatio from which share of deleted rows on a file is rewritten, as far as deletion
 *     vectors and delete files of one data file tell
 * @param deleteFiles from how many delete files on a file is rewritten
 * @param maxDepth how many files may overlap in the wished order before they are sorted into each
 *     other
 * @param olderSpecs whether files of older partition specs are rewritten for that alone
 * @param minAge files committed less than this ago are left alone
 * @param coldAfter partitions with files younger than this only have small files merged among
 *     themselves, none of them larger than all the smaller ones together
 * @param maxGroupBytes the most bytes of a group, but for a single larger file
 * @param everything whether all files are rewritten
 */
public record Criteria(
    long targetBytes,
    int minInputFiles,
    double deleteRatio,
    int deleteFiles,
    int maxDepth,
    boolean olderSpecs,
    Duration minAge,
    Duration coldAfter,
    long maxGroupBytes,
    boolean everything) {
  /** The table properties' prefix. */
  public static final String PREFIX = "firn.compaction.";

  static final double SMALLEST = 0.75;
  static final double LARGEST = 1.8;

  /** So many files of the target size come out even, whatever the bytes that go in. */
  static final int EVEN_FILES = 10;

  /** What the table's properties say, and defaults for the rest. */
  public static Criteria of(Map<String, String> properties) {
    Properties p = new Properties(properties);
    long size =
        p.get(
            TableProperties.WRITE_TARGET_FILE_SIZE_BYTES,
            TableProperties.WRITE_TARGET_FILE_SIZE_BYTES_DEFAULT,
            Long::parseLong,
            "bytes, more than 0",
            v -> v > 0);
    long target =
        p.get(PREFIX + "target-file-size-bytes", size, Long::parseLong, "bytes", v -> v > 0);
    return new Criteria(
        target,
        p.get(PREFIX + "min-input-files", 2, Integer::parseInt, "a number from 1", v -> v > 0),
        p.get(
            PREFIX + "delete-ratio",
            0.3,
            Double::parseDouble,
            "a number over 0 up to 1",
            v -> v > 0 && v <= 1),
        p.get(PREFIX + "delete-files", 2, Integer::parseInt, "a number from 1", v -> v > 0),
        p.get(PREFIX + "max-depth", 8, Integer::parseInt, "a number from 1", v -> v > 0),
        p.get(
            PREFIX + "older-specs",
            false,
            text -> "true".equals(text) || (!"false".equals(text) && bad(text)),
            "true or false",
            v -> true),
        p.get(PREFIX + "min-age", Duration.ZERO, Criteria::duration, "a duration", v -> true),
        p.get(PREFIX + "cold-after", Duration.ZERO, Criteria::duration, "a duration", v -> true),
        p.get(
            PREFIX + "max-group-bytes",
            EVEN_FILES * Math.min(target, Long.MAX_VALUE / EVEN_FILES),
            Long::parseLong,
            "bytes, more than 0",
            v -> v > 0),
        false);
  }

  /** The same with groups of at most so many bytes. */
  public Criteria within(long bytes) {
    return new Criteria(
        targetBytes,
        minInputFiles,
        deleteRatio,
        deleteFiles,
        maxDepth,
        olderSpecs,
        minAge,
        coldAfter,
        Math.min(maxGroupBytes, bytes),
        everything);
  }

  /** The same with all files rewritten. */
  public Criteria ofEverything() {
    return new Criteria(
        targetBytes,
        minInputFiles,
        deleteRatio,
        deleteFiles,
        maxDepth,
        olderSpecs,
        minAge,
        coldAfter,
        maxGroupBytes,
        true);
  }

  private static boolean bad(String text) {
    throw new IllegalArgumentException(text);
  }

  /** {@code 30s}, {@code 10m}, {@code 2h}, {@code 7d}. */
  private static Duration duration(String text) {
    long count = Long.parseLong(text.substring(0, text.length() - 1));
    return switch (text.charAt(text.length() - 1)) {
      case 's' -> Duration.ofSeconds(count);
      case 'm' -> Duration.ofMinutes(count);
      case 'h' -> Duration.ofHours(count);
      case 'd' -> Duration.ofDays(count);
      default -> throw new IllegalArgumentException(text);
    };
  }

  /** Properties that name themselves where they are wrong. */
  private record Properties(Map<String, String> all) {
    <T> T get(
        String key, T otherwise, Function<String, T> parse, String expected, Predicate<T> valid) {
      String text = all.get(key);
      if (text == null) {
        return otherwise;
      }
      try {
        T value = parse.apply(text);
        if (valid.test(value)) {
          return value;
        }
      } catch (IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
        throw wrong(key, text, expected);
      }
      throw wrong(key, text, expected);
    }

    private static FirnException wrong(String key, String text, String expected) {
      return FirnException.invalid(
          "Cannot compact: the table property "
              + key
              + " is wrong, expected "
              + expected
              + ", got '"
              + text
              + "'");
    }
  }
}
