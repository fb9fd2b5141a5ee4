package dev.firn.storage.s3;

import dev.firn.error.FirnException;

/**
 * How large each part of an upload is: all alike at first, then doubled from time to time, so that
 * the {@value #MAX_PARTS} parts that S3 takes reach the 5 TiB of its largest object. Immutable.
 */
record PartSizes(long first) {
  static final int MAX_PARTS = 10_000;
  static final long MAX_PART_BYTES = 5L << 30;
  private static final long MAX_OBJECT_BYTES = 5L << 40;

  /** Ten doublings within {@link #MAX_PARTS}: the smallest part that S3 takes suffices. */
  private static final int PARTS_OF_ONE_SIZE = 950;

  /**
   * The size of a part.
   *
   * @param number counts from one
   * @throws FirnException INVALID beyond the last part there can be
   */
  long of(int number) {
    if (number > MAX_PARTS) {
      throw FirnException.invalid(
          "Cannot write file: it has more parts than S3 takes, expected at most "
              + MAX_PARTS
              + ", got one more; set s3.multipart.part-size-bytes higher");
    }
    if (first * MAX_PARTS >= MAX_OBJECT_BYTES) {
      return Math.min(first, MAX_PART_BYTES);
    }
    return Math.min(first << ((number - 1) / PARTS_OF_ONE_SIZE), MAX_PART_BYTES);
  }
}
