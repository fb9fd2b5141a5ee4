package dev.firn.scan.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;

/** Inflating, against zlib. */
class InflateTest {
  private static final int[] STRATEGIES = {
    Deflater.DEFAULT_STRATEGY, Deflater.FILTERED, Deflater.HUFFMAN_ONLY
  };

  private final Random random = new Random(42);
  private final Inflate inflate = new Inflate();

  @Test
  void inflatesWhatZlibDeflates() {
    for (int round = 0; round < 1500; round++) {
      byte[] data = data(random.nextInt(round % 50 == 0 ? 200_000 : 5_000));
      byte[] deflated = deflate(data, random.nextInt(10), STRATEGIES[random.nextInt(3)]);
      byte[] file = new byte[7 + deflated.length + 16];
      random.nextBytes(file);
      System.arraycopy(deflated, 0, file, 7, deflated.length);
      byte[] into = new byte[11 + data.length + Inflate.SPARE];
      int length = inflate.inflate(file, 7, 7 + deflated.length, into, 11);
      assertThat(length).as("round %s", round).isEqualTo(data.length);
      assertThat(Arrays.mismatch(into, 11, 11 + length, data, 0, length)).isEqualTo(-1);
    }
  }

  @Test
  void asksForRoom() {
    byte[] data = data(10_000);
    byte[] file = Arrays.copyOf(deflate(data, 6, Deflater.DEFAULT_STRATEGY), 20_000);
    for (int room : new int[] {0, 100, Inflate.SPARE, 5_000, 9_999}) {
      assertThat(inflate.inflate(file, 0, file.length - 16, new byte[room], 0))
          .isEqualTo(Inflate.NO_ROOM);
    }
  }

  /** Damaged data is left to zlib, or decodes as zlib decodes it. */
  @Test
  void neverDisagreesWithZlib() {
    int undecided = 0;
    for (int round = 0; round < 3000; round++) {
      byte[] deflated = deflate(data(1 + random.nextInt(600)), random.nextInt(10), STRATEGIES[0]);
      int length = random.nextInt(4) == 0 ? random.nextInt(deflated.length) : deflated.length;
      byte[] file = Arrays.copyOf(deflated, length + 16);
      for (int i = random.nextInt(4); i > 0 && length > 0; i--) {
        file[random.nextInt(length)] ^= (byte) (1 << random.nextInt(8));
      }
      byte[] into = new byte[300_000];
      int ours = inflate.inflate(file, 0, length, into, 0);
      if (ours < 0) {
        undecided++;
      } else {
        byte[] expected = zlib(file, length);
        assertThat(Arrays.copyOf(into, ours)).as("round %s", round).isEqualTo(expected);
      }
    }
    assertThat(undecided).isBetween(500, 2_500);
  }

  private byte[] data(int length) {
    byte[] data = new byte[length];
    int letters = 1 + random.nextInt(256);
    int at = 0;
    while (at < length) {
      int run = Math.min(length - at, 1 + random.nextInt(random.nextInt(10) == 0 ? 400 : 20));
      int back = at == 0 ? 0 : 1 + random.nextInt(Math.min(at, 33_000));
      boolean repeat = back > 0 && random.nextInt(3) > 0;
      for (int i = 0; i < run; i++, at++) {
        data[at] = repeat ? data[at - back] : (byte) (random.nextInt(letters) * random.nextInt(2));
      }
    }
    return data;
  }

  private static byte[] deflate(byte[] data, int level, int strategy) {
    Deflater deflater = new Deflater(level, true);
    deflater.setStrategy(strategy);
    deflater.setInput(data);
    deflater.finish();
    byte[] into = new byte[data.length * 2 + 100];
    int length = 0;
    while (!deflater.finished()) {
      length += deflater.deflate(into, length, into.length - length);
    }
    deflater.end();
    return Arrays.copyOf(into, length);
  }

  private static byte[] zlib(byte[] file, int length) {
    Inflater inflater = new Inflater(true);
    inflater.setInput(file, 0, length);
    byte[] into = new byte[300_000];
    try {
      int bytes = inflater.inflate(into);
      assertThat(inflater.finished()).as("zlib is done, too").isTrue();
      return Arrays.copyOf(into, bytes);
    } catch (DataFormatException e) {
      throw new AssertionError("zlib does not decode it", e);
    } finally {
      inflater.end();
    }
  }
}
