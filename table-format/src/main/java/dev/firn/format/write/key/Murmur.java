package dev.firn.format.write.key;

import org.apache.arrow.memory.util.MemoryUtil;

/**
 * The 32-bit Murmur3 hash, x86 variant, seed 0, that Iceberg's bucket transform is defined by.
 *
 * @see <a href="https://iceberg.apache.org/spec/#appendix-b-32-bit-hash-requirements">the spec</a>
 */
final class Murmur {
  private static final int C1 = 0xcc9e2d51;
  private static final int C2 = 0x1b873593;

  private Murmur() {}

  /** Of a long's eight bytes, little-endian. */
  static int hash(long value) {
    int mixed = mix(mix(0, (int) value), (int) (value >>> 32));
    return finish(mixed, 8);
  }

  /** Of the bytes at {@code address}. */
  static int hash(long address, int length) {
    int hash = 0;
    int whole = length & ~3;
    for (int i = 0; i < whole; i += 4) {
      hash = mix(hash, MemoryUtil.getInt(address + i));
    }
    int tail = 0;
    for (int i = length - 1; i >= whole; i--) {
      tail = (tail << 8) | (MemoryUtil.getByte(address + i) & 0xff);
    }
    return finish(hash ^ scramble(tail), length);
  }

  /** Of the shortest big-endian two's complement of {@code value}. */
  static int hashShortest(long value) {
    int length = (Long.SIZE - Long.numberOfLeadingZeros(value ^ (value >> 63))) / 8 + 1;
    // The bytes in the order of the hash: the most significant of them first.
    long bytes = Long.reverseBytes(value << ((8 - length) * 8));
    int hash = 0;
    long rest = bytes;
    for (int i = 0; i + 4 <= length; i += 4) {
      hash = mix(hash, (int) rest);
      rest >>>= 32;
    }
    int tail = length % 4 == 0 ? 0 : (int) rest & ((1 << (length % 4 * 8)) - 1);
    return finish(hash ^ scramble(tail), length);
  }

  private static int scramble(int word) {
    return Integer.rotateLeft(word * C1, 15) * C2;
  }

  private static int mix(int hash, int word) {
    return Integer.rotateLeft(hash ^ scramble(word), 13) * 5 + 0xe6546b64;
  }

  private static int finish(int mixed, int length) {
    int hash = mixed ^ length;
    hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
    hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
    return hash ^ (hash >>> 16);
  }
}
