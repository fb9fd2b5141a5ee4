package dev.firn.format.parquet.proof;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;

/** Damage that knows no structure. Stateless. */
final class ByteDamage {
  private static final int[] HOSTILE = {
    0, 1, -1, 8, 127, 128, 255, 256, 65_535, Integer.MAX_VALUE, Integer.MIN_VALUE, 0x7fffff00
  };

  private ByteDamage() {}

  /**
   * A damaged copy; {@code what} is told what was done. Damage keeps to the start half the time.
   */
  static byte[] of(byte[] bytes, Random random, StringBuilder what) {
    if (bytes.length == 0) {
      what.append(" one byte");
      return new byte[] {(byte) random.nextInt()};
    }
    int at = random.nextInt(random.nextBoolean() ? Math.min(bytes.length, 24) : bytes.length);
    what.append(" at ").append(at).append(" of ").append(bytes.length);
    byte[] damaged = bytes.clone();
    switch (random.nextInt(9)) {
      case 0, 1 -> {
        what.append(": bit flipped");
        damaged[at] ^= (byte) (1 << random.nextInt(8));
      }
      case 2 -> {
        damaged[at] = (byte) HOSTILE[random.nextInt(8)];
        what.append(": byte := ").append(damaged[at]);
      }
      case 3 -> {
        int value = HOSTILE[random.nextInt(HOSTILE.length)];
        what.append(": int := ").append(value);
        ByteBuffer whole =
            ByteBuffer.wrap(Arrays.copyOf(damaged, Math.max(damaged.length, at + 4)));
        damaged = whole.order(ByteOrder.LITTLE_ENDIAN).putInt(at, value).array();
      }
      case 4 -> {
        int count = Math.min(1 + random.nextInt(10), damaged.length - at);
        what.append(": ").append(count).append(" bytes all ones");
        Arrays.fill(damaged, at, at + count, (byte) -1);
      }
      case 5 -> {
        what.append(": truncated");
        damaged = Arrays.copyOf(damaged, at);
      }
      case 6 -> {
        int count = 1 + random.nextInt(20);
        what.append(": ").append(count).append(" random bytes in between");
        damaged = inserted(damaged, at, count, random);
      }
      case 7 -> {
        int from = random.nextInt(damaged.length);
        int count = Math.min(random.nextInt(40), damaged.length - Math.max(from, at));
        what.append(": ").append(count).append(" bytes from ").append(from);
        System.arraycopy(bytes, from, damaged, at, count);
      }
      default -> {
        int count = Math.min(1 + random.nextInt(8), damaged.length - at);
        what.append(": ").append(count).append(" bytes taken out");
        byte[] shorter = Arrays.copyOf(damaged, damaged.length - count);
        System.arraycopy(damaged, at + count, shorter, at, damaged.length - at - count);
        damaged = shorter;
      }
    }
    return damaged;
  }

  private static byte[] inserted(byte[] bytes, int at, int count, Random random) {
    byte[] between = new byte[count];
    random.nextBytes(between);
    byte[] longer = Arrays.copyOf(bytes, bytes.length + count);
    System.arraycopy(between, 0, longer, at, count);
    System.arraycopy(bytes, at, longer, at + count, bytes.length - at);
    return longer;
  }
}
