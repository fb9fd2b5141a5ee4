package dev.firn.format.parquet.page;

import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;

/**
 * A compression codec over native memory, with one reused native context. Confined to one thread. Owns the
 * context.
 */
public abstract class PageCodec implements AutoCloseable {
  /**
   * Returns a codec; {@code level} null means the codec's default. One that is not built in is {@code INVALID}
   * and named.
   */
  public static PageCodec of(CompressionCodecName name, @Nullable Integer level) {
    throw new UnsupportedOperationException("SKELETON");
  }

  /**
   * Decompresses exactly {@code targetLength} bytes; anything else is a {@link CorruptPageException}. Nothing
   * outside the two ranges is touched.
   */
  abstract void decompress(long source, int length, long target, int targetLength);

  /** The most bytes that {@code length} bytes may take when compressed. */
  public abstract long compressBound(int length);

  /** Compresses; returns the length. {@code capacity} must be {@link #compressBound} or more. */
  public abstract int compress(long source, int length, long target, int capacity);

  @Override
  public abstract void close();
}
