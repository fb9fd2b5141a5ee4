package dev.firn.format.parquet.page;

import java.io.IOException;
import org.xerial.snappy.Snappy;

/**
 * Snappy blocks. The native decoder writes at most the length that stands in front of the block,
 * and reads at most what it is given; so the length is checked first.
 */
final class SnappyCodec extends PageCodec {
  private static final String NAME = "snappy";

  @Override
  void checkPlausible(long source, int length, int targetLength) {
    checkRatio(NAME, length, targetLength, 32); // the densest copy makes 64 bytes of 3
    long said;
    try {
      said = Snappy.uncompressedLength(source, length);
    } catch (IOException e) {
      throw damaged(NAME, e);
    }
    if (said != targetLength) {
      throw wrongLength(NAME, targetLength, said);
    }
  }

  @Override
  void decompress(long source, int length, long target, int targetLength) {
    checkPlausible(source, length, targetLength);
    try {
      long written = Snappy.rawUncompress(source, length, target);
      if (written != targetLength) {
        throw wrongLength(NAME, targetLength, written);
      }
    } catch (IOException e) {
      throw damaged(NAME, e);
    }
  }

  @Override
  public long compressBound(int length) {
    return 32L + length + length / 6;
  }

  @Override
  public int compress(long source, int length, long target, int capacity) {
    checkCapacity(length, capacity);
    try {
      return Math.toIntExact(Snappy.rawCompress(source, length, target));
    } catch (IOException e) {
      throw new IllegalStateException("snappy cannot compress " + length + " bytes", e);
    }
  }

  @Override
  public void close() {}
}
