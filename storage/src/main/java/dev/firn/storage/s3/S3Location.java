package dev.firn.storage.s3;

import dev.firn.error.FirnException;
import java.util.Map;

/**
 * Where an object is. The key is literal: nothing is decoded, and {@code ?} and {@code #} are parts
 * of it. Immutable.
 *
 * @param scheme {@code s3}, {@code s3a} or {@code s3n}, as the location was spelled
 * @param authority the bucket as the location was spelled
 * @param bucket what requests name: the bucket, or the access point that stands for it
 * @param key empty for the bucket itself
 */
record S3Location(String scheme, String authority, String bucket, String key) {
  private static final String SEPARATOR = "://";

  /** Reads a location of a store without access points. */
  static S3Location parse(String location) {
    return parse(location, Map.of());
  }

  /**
   * Reads a location.
   *
   * @param accessPoints by bucket, see {@code s3.access-points.}
   * @throws FirnException INVALID if it names no bucket
   */
  static S3Location parse(String location, Map<String, String> accessPoints) {
    int scheme = location.indexOf(SEPARATOR);
    int start = scheme + SEPARATOR.length();
    int slash = location.indexOf('/', start);
    int end = slash < 0 ? location.length() : slash;
    if (scheme < 1 || end == start) {
      throw FirnException.invalid(
          "Cannot use location: it names no bucket, expected s3://bucket/key, got "
              + location
              + " ["
              + location
              + "]");
    }
    String authority = location.substring(start, end);
    return new S3Location(
        location.substring(0, scheme),
        authority,
        accessPoints.getOrDefault(authority, authority),
        slash < 0 ? "" : location.substring(slash + 1));
  }

  /** Another key beside this one, in the same spelling. */
  S3Location withKey(String other) {
    return new S3Location(scheme, authority, bucket, other);
  }

  /** The location as it was spelled. */
  @Override
  public String toString() {
    return scheme + SEPARATOR + authority + "/" + key;
  }
}
