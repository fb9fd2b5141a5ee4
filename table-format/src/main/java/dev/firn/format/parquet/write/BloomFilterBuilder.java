package dev.firn.format.parquet.write;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.parquet.column.values.bloomfilter.BlockSplitBloomFilter;
import org.apache.parquet.column.values.bloomfilter.BloomFilter;

/**
 * The bloom filter of one column chunk. It is filled at its greatest size, and halved in the end as
 * long as it stays within its false-positive probability, so that no count of distinct values need
 * be known: a value's block is a fraction of the size, and halving merges neighbours.
 *
 * @see <a href="https://parquet.apache.org/docs/file-format/bloomfilter/">Bloom filters</a>
 */
public final class BloomFilterBuilder {
  private static final int WORDS = 8;
  private static final int[] SALT = {
    0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31
  };

  private final double probability;
  private final int[] words;
  private final int blocks;
  private boolean empty = true;

  /** A filter of at most {@code mostBytes}, or 32. */
  public BloomFilterBuilder(double probability, int mostBytes) {
    this.probability = probability;
    this.blocks = Math.max(1, Integer.highestOneBit(mostBytes / (WORDS * Integer.BYTES)));
    this.words = new int[blocks * WORDS];
  }

  /** Adds {@code count} values encoded PLAIN; {@code width} is the length of fixed ones, or 0. */
  public void add(long values, int count, int width) {
    long at = values;
    for (int i = 0; i < count; i++) {
      int length = width;
      if (width == 0) {
        length = MemoryUtil.getInt(at);
        at += Integer.BYTES;
      }
      add(XxHash64.hash(at, length));
      at += length;
    }
  }

  private void add(long hash) {
    empty = false;
    int block = (int) ((hash >>> 32) * blocks >>> 32) * WORDS;
    for (int i = 0; i < WORDS; i++) {
      words[block + i] |= 1 << ((int) hash * SALT[i] >>> 27);
    }
  }

  /** The filter of the values added; forgets them. */
  public BloomFilter build() {
    int[] folded = empty ? new int[WORDS] : words.clone();
    while (folded.length > WORDS) {
      int[] half = halve(folded);
      if (falsePositives(half) > probability) {
        break;
      }
      folded = half;
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(folded.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(folded);
    Arrays.fill(words, 0);
    empty = true;
    return new BlockSplitBloomFilter(bytes.array());
  }

  private static int[] halve(int[] words) {
    int[] half = new int[words.length / 2];
    for (int i = 0; i < words.length; i++) {
      half[i / (2 * WORDS) * WORDS + i % WORDS] |= words[i];
    }
    return half;
  }

  /** The share of values never added that the filter would let pass. */
  private static double falsePositives(int[] words) {
    double sum = 0;
    for (int block = 0; block < words.length; block += WORDS) {
      double all = 1;
      for (int i = 0; i < WORDS; i++) {
        all *= Integer.bitCount(words[block + i]) / 32.0;
      }
      sum += all;
    }
    return sum * WORDS / words.length;
  }

  long heapBytes() {
    return 4L * words.length;
  }
}
