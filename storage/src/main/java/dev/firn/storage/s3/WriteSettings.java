package dev.firn.storage.s3;

import dev.firn.error.FirnException;
import java.util.Map;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.jspecify.annotations.Nullable;

/**
 * How files are written. Immutable.
 *
 * @param partBytes {@code s3.multipart.part-size-bytes}: the largest file that is written in one
 *     request, and the size of the first parts of larger ones
 * @param inFlightBytes {@value #IN_FLIGHT}: parts on their way, of all writers of a store together
 * @param checksums {@code s3.checksum-enabled}
 * @param conditional {@value #CONDITIONAL}: whether the store can create a file unless it is there
 */
record WriteSettings(long partBytes, long inFlightBytes, Checksums checksums, boolean conditional) {
  static final String IN_FLIGHT = "s3.multipart.in-flight-bytes";
  static final String CONDITIONAL = "s3.conditional-writes-enabled";
  private static final long DEFAULT_PART_BYTES = 8L << 20;
  private static final long DEFAULT_IN_FLIGHT_BYTES = 32L << 20;

  /** What is sent with each body for the store to verify. */
  enum Checksums {
    /** Nothing: for stores that refuse what they do not know. */
    NONE,
    /** CRC32C. */
    CRC32C,
    /** CRC32C, and the MD5 that every store knows. */
    CRC32C_AND_MD5
  }

  /** Reads the properties of a store; those that are missing have their defaults. */
  static WriteSettings of(Map<String, String> properties) {
    return new WriteSettings(
        partBytes(properties),
        inFlightBytes(properties),
        checksums(properties.get(S3FileIOProperties.CHECKSUM_ENABLED)),
        flag(CONDITIONAL, properties.getOrDefault(CONDITIONAL, "true")));
  }

  private static long partBytes(Map<String, String> properties) {
    String key = S3FileIOProperties.MULTIPART_SIZE;
    long bytes = bytes(properties, key, DEFAULT_PART_BYTES);
    if (bytes < S3FileIOProperties.MULTIPART_SIZE_MIN || bytes > PartSizes.MAX_PART_BYTES) {
      throw wrong(key, "5 MiB to 5 GiB in bytes", bytes);
    }
    return bytes;
  }

  private static long inFlightBytes(Map<String, String> properties) {
    long bytes = bytes(properties, IN_FLIGHT, DEFAULT_IN_FLIGHT_BYTES);
    if (bytes < 1) {
      throw wrong(IN_FLIGHT, "a number of bytes above zero", bytes);
    }
    return bytes;
  }

  private static Checksums checksums(@Nullable String enabled) {
    if (enabled == null) {
      return Checksums.CRC32C;
    }
    return flag(S3FileIOProperties.CHECKSUM_ENABLED, enabled)
        ? Checksums.CRC32C_AND_MD5
        : Checksums.NONE;
  }

  private static boolean flag(String key, String value) {
    if (!value.equalsIgnoreCase("true") && !value.equalsIgnoreCase("false")) {
      throw wrong(key, "true or false", value);
    }
    return Boolean.parseBoolean(value);
  }

  private static long bytes(Map<String, String> properties, String key, long standard) {
    String value = properties.get(key);
    if (value == null) {
      return standard;
    }
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw wrong(key, "a number of bytes", value);
    }
  }

  private static FirnException wrong(String key, String expected, Object got) {
    return FirnException.invalid(
        "Cannot use setting '%s': expected %s, got '%s'".formatted(key, expected, got));
  }
}
