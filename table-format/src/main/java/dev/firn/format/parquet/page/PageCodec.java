package dev.firn.format.parquet.page;

import dev.firn.error.FirnException;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;

/**
 * A compression codec over native memory, with one reused native context. Confined to one thread.
 * Owns the context.
 */
public abstract class PageCodec implements AutoCloseable {
  PageCodec() {}

  /**
   * Returns a codec; {@code level} null means the codec's default. One that is not built in is
   * {@code INVALID} and named.
   */
  public static PageCodec of(CompressionCodecName name, @Nullable Integer level) {
    return switch (name) {
      case UNCOMPRESSED -> new PlainCodec();
      case SNAPPY -> new SnappyCodec();
      case GZIP -> new GzipCodec(level);
      case ZSTD -> new ZstdCodec(level);
      case LZ4_RAW -> new Lz4RawCodec();
      case LZ4 -> new HadoopLz4Codec();
      case BROTLI, LZO ->
          throw FirnException.invalid(
              ("Cannot use the Parquet codec %s: not built in, expected one of uncompressed, snappy,"
                      + " gzip, zstd, lz4_raw; rewrite the files with one of them")
                  .formatted(name));
    };
  }

  /**
   * Refuses, before memory is given to it, a {@code targetLength} that {@code length} compressed
   * bytes cannot have: a {@link CorruptPageException}.
   */
  abstract void checkPlausible(long source, int length, int targetLength);

  /**
   * Decompresses exactly {@code targetLength} bytes; anything else is a {@link
   * CorruptPageException}. Nothing outside the two ranges is touched.
   */
  abstract void decompress(long source, int length, long target, int targetLength);

  /** The most bytes that {@code length} bytes may take when compressed. */
  public abstract long compressBound(int length);

  /** Compresses; returns the length. {@code capacity} must be {@link #compressBound} or more. */
  public abstract int compress(long source, int length, long target, int capacity);

  /**
   * As {@link #compress}, faster where the codec has a way that for some pages is as good, and no
   * level was asked for.
   */
  public int compressLightly(long source, int length, long target, int capacity) {
    return compress(source, length, target, capacity);
  }

  @Override
  public abstract void close();

  final void checkCapacity(int length, int capacity) {
    if (capacity < compressBound(length)) {
      throw new IllegalArgumentException(
          "Cannot compress %d bytes: expected room for %d, got %d"
              .formatted(length, compressBound(length), capacity));
    }
  }

  /** Refuses more than {@code ratio} bytes for each compressed one. */
  static void checkRatio(String codec, int length, int targetLength, long ratio) {
    if (targetLength > length * ratio) {
      throw new CorruptPageException(
          "%d bytes of %s are said to be %d bytes uncompressed, expected at most %d"
              .formatted(length, codec, targetLength, length * ratio));
    }
  }

  static CorruptPageException wrongLength(String codec, long expected, long actual) {
    return new CorruptPageException(
        "%s gives %d bytes, expected the %d of the page header".formatted(codec, actual, expected));
  }

  static CorruptPageException damaged(String codec, Exception cause) {
    return new CorruptPageException(
        "%s data is damaged: %s".formatted(codec, cause.getMessage()), cause);
  }
}
