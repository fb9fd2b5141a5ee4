package dev.firn.scan.plan;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A decoder of deflated data (RFC 1951) in memory, from array to array, faster than zlib on small
 * blocks. What it does not decode is left to zlib to judge. Reused; confined to one thread.
 *
 * <p>How it works: codes are looked up in tables of {@link #LITERAL_BITS} and {@link
 * #DISTANCE_BITS} bits, with second tables for those that are longer; 56 bits or more are taken
 * from the input at a time, and matches are copied eight bytes at a time, over their end.
 */
final class Inflate {
  /** The data is damaged, or the input ends too close to the end of its array. */
  static final int UNDECIDED = -1;

  /** There is not room enough. */
  static final int NO_ROOM = -2;

  /** So many bytes more than the result must fit. */
  static final int SPARE = 320;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int LITERAL_BITS = 11;
  private static final int DISTANCE_BITS = 9;
  private static final int LONGEST = 15;

  /** Entries: the bits of the code in the lowest five; then, by kind, what follows. */
  private static final int CODE_BITS = 0x1f;

  private static final int LITERAL = 0x80000000;
  private static final int EXCEPTION = 0x8000;
  private static final int SUBTABLE = 0x4000;
  private static final int END_OF_BLOCK = 256;

  private static final int[] LENGTH_BASE = {
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
    163, 195, 227, 258
  };
  private static final int[] LENGTH_EXTRA = {
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0
  };

  /** The multiple of a distance that eight bytes have room for. */
  private static final int[] WHOLE_STEP = {0, 8, 8, 6, 8, 5, 6, 7};

  private static final int[] ORDER = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
  };

  private final int[] literals = new int[(1 << LITERAL_BITS) + (288 << (LONGEST - LITERAL_BITS))];
  private final int[] distances = new int[(1 << DISTANCE_BITS) + (32 << (LONGEST - DISTANCE_BITS))];
  private final int[] lengthCodes = new int[1 << 7];
  private final byte[] lengths = new byte[320];
  private final int[] counts = new int[LONGEST + 1];
  private final int[] nexts = new int[LONGEST + 1];

  private byte[] in = {};
  private byte[] out = {};
  private int position;
  private long bits;
  private int count;
  private int start;
  private int at;
  private int limit;

  /**
   * Inflates all blocks.
   *
   * @param inTo where the data ends; it is to be followed by eight bytes or more
   * @return how many bytes there are, {@link #UNDECIDED} or {@link #NO_ROOM}
   */
  int inflate(byte[] from, int inFrom, int inTo, byte[] into, int outFrom) {
    in = from;
    out = into;
    position = inFrom;
    bits = 0;
    count = 0;
    start = outFrom;
    at = outFrom;
    limit = into.length - SPARE;
    try {
      int result = blocks(inTo);
      return result < 0 ? result : at - start;
    } finally {
      in = new byte[0];
      out = in;
    }
  }

  private int blocks(int inTo) {
    boolean last = false;
    while (!last) {
      if (position - (count >>> 3) > inTo || !refill()) {
        return UNDECIDED;
      }
      last = take(1) == 1;
      int result =
          switch (take(2)) {
            case 0 -> stored(inTo);
            case 1 -> fixedCodes() ? coded() : UNDECIDED;
            case 2 -> dynamicCodes() ? coded() : UNDECIDED;
            default -> UNDECIDED;
          };
      if (result < 0) {
        return result;
      }
    }
    return position - (count >>> 3) > inTo ? UNDECIDED : 0;
  }

  /** Takes in 56 bits or more; false at the end of the array. */
  private boolean refill() {
    if (position > in.length - Long.BYTES) {
      return false;
    }
    bits |= (long) LONG.get(in, position) << count;
    position += (63 - count) >>> 3;
    count |= 56;
    return true;
  }

  private int take(int width) {
    int value = (int) bits & ((1 << width) - 1);
    bits >>>= width;
    count -= width;
    return value;
  }

  private int stored(int inTo) {
    position -= count >>> 3;
    bits = 0;
    count = 0;
    if (inTo - position < 4) {
      return UNDECIDED;
    }
    int length = (in[position] & 0xff) | (in[position + 1] & 0xff) << 8;
    int check = (in[position + 2] & 0xff) | (in[position + 3] & 0xff) << 8;
    position += 4;
    if (length != (check ^ 0xffff) || length > inTo - position) {
      return UNDECIDED;
    }
    if (at + length > limit) {
      return NO_ROOM;
    }
    System.arraycopy(in, position, out, at, length);
    position += length;
    at += length;
    return 0;
  }

  private boolean fixedCodes() {
    Arrays.fill(lengths, 0, 144, (byte) 8);
    Arrays.fill(lengths, 144, 256, (byte) 9);
    Arrays.fill(lengths, 256, 280, (byte) 7);
    Arrays.fill(lengths, 280, 288, (byte) 8);
    Arrays.fill(lengths, 288, 320, (byte) 5);
    return table(literals, LITERAL_BITS, 0, 288) && table(distances, DISTANCE_BITS, 288, 32);
  }

  private boolean dynamicCodes() {
    int literalCodes = take(5) + 257;
    int distanceCodes = take(5) + 1;
    int lengthCodeCount = take(4) + 4;
    if (literalCodes > 286 || distanceCodes > 30 || !refill()) {
      return false;
    }
    Arrays.fill(lengths, 0, ORDER.length, (byte) 0);
    for (int i = 0; i < lengthCodeCount; i++) {
      if (i == 16 && !refill()) {
        return false;
      }
      lengths[ORDER[i]] = (byte) take(3);
    }
    return table(lengthCodes, 7, 0, ORDER.length)
        && codeLengths(literalCodes + distanceCodes)
        && lengths[END_OF_BLOCK] != 0
        && table(distances, DISTANCE_BITS, literalCodes, distanceCodes)
        && table(literals, LITERAL_BITS, 0, literalCodes);
  }

  private boolean codeLengths(int all) {
    int i = 0;
    while (i < all) {
      if (!refill()) {
        return false;
      }
      int entry = lengthCodes[(int) bits & 0x7f];
      if (entry == 0) {
        return false;
      }
      int unusedCode = take(entry & CODE_BITS);
      int symbol = entry >>> 16;
      if (symbol < 16) {
        lengths[i++] = (byte) symbol;
        continue;
      }
      if (symbol == 16 && i == 0) {
        return false;
      }
      byte repeated = symbol == 16 ? lengths[i - 1] : 0;
      int times =
          switch (symbol) {
            case 16 -> 3 + take(2);
            case 17 -> 3 + take(3);
            default -> 11 + take(7);
          };
      if (times > all - i) {
        return false;
      }
      Arrays.fill(lengths, i, i + times, repeated);
      i += times;
    }
    return true;
  }

  /** Fills a table for codes of the lengths from {@code first} on; false where they are no code. */
  private boolean table(int[] table, int primary, int first, int symbols) {
    Arrays.fill(counts, 0);
    for (int i = 0; i < symbols; i++) {
      counts[lengths[first + i]]++;
    }
    counts[0] = 0;
    int longest = 0;
    int code = 0;
    for (int length = 1; length <= LONGEST; length++) {
      code = (code + counts[length - 1]) << 1;
      nexts[length] = code;
      if (code + counts[length] > 1 << length) {
        return false;
      }
      longest = counts[length] > 0 ? length : longest;
    }
    if (code + counts[LONGEST] != 1 << LONGEST) {
      return false;
    }
    fill(table, primary, longest, first, symbols);
    return true;
  }

  private void fill(int[] table, int primary, int longest, int first, int symbols) {
    int size = 1 << primary;
    int subtableBits = Math.max(0, longest - primary);
    Arrays.fill(table, 0, size, 0);
    int used = size;
    for (int symbol = 0; symbol < symbols; symbol++) {
      int length = lengths[first + symbol];
      if (length == 0) {
        continue;
      }
      int reversed = Integer.reverse(nexts[length]++) >>> (32 - length);
      int entry = entry(table, symbol);
      if (length <= primary) {
        spread(table, 0, size, reversed, length, entry | length);
        continue;
      }
      int prefix = reversed & (size - 1);
      if (table[prefix] == 0) {
        table[prefix] = used << 16 | EXCEPTION | SUBTABLE | subtableBits << 8 | primary;
        Arrays.fill(table, used, used + (1 << subtableBits), 0);
        used += 1 << subtableBits;
      }
      int rest = length - primary;
      int from = table[prefix] >>> 16;
      spread(table, from, 1 << subtableBits, reversed >>> primary, rest, entry | rest);
    }
  }

  private static void spread(int[] table, int from, int size, int code, int length, int entry) {
    for (int i = code; i < size; i += 1 << length) {
      table[from + i] = entry;
    }
  }

  /** What is looked up of a symbol, but for the bits of its code; symbols that are none have 0. */
  private int entry(int[] table, int symbol) {
    if (table == literals) {
      if (symbol < END_OF_BLOCK) {
        return LITERAL | symbol << 16;
      } else if (symbol == END_OF_BLOCK) {
        return EXCEPTION;
      }
      int length = symbol - END_OF_BLOCK - 1;
      return length < LENGTH_BASE.length
          ? LENGTH_BASE[length] << 16 | LENGTH_EXTRA[length] << 8
          : 0;
    } else if (table == distances) {
      int extra = symbol < 4 ? 0 : (symbol >> 1) - 1;
      int base = symbol < 4 ? symbol + 1 : ((2 + (symbol & 1)) << extra) + 1;
      return symbol < 30 ? base << 16 | extra << 8 : 0;
    }
    return symbol << 16;
  }

  /** Decodes a block of codes. */
  private int coded() {
    byte[] from = in;
    byte[] into = out;
    int[] table = literals;
    int inLimit = from.length - Long.BYTES;
    int read = position;
    int write = at;
    long buffer = bits;
    int left = count;
    while (true) {
      if (write > limit || read > inLimit) {
        return write > limit ? NO_ROOM : UNDECIDED;
      }
      buffer |= (long) LONG.get(from, read) << left;
      read += (63 - left) >>> 3;
      left |= 56;
      int entry = table[(int) buffer & ((1 << LITERAL_BITS) - 1)];
      for (int i = 0; i < 2 && entry < 0; i++) {
        into[write++] = (byte) (entry >>> 16);
        buffer >>>= entry & CODE_BITS;
        left -= entry & CODE_BITS;
        entry = table[(int) buffer & ((1 << LITERAL_BITS) - 1)];
      }
      if ((entry & SUBTABLE) != 0) {
        buffer >>>= LITERAL_BITS;
        left -= LITERAL_BITS;
        entry = table[second(entry, buffer)];
      }
      buffer >>>= entry & CODE_BITS;
      left -= entry & CODE_BITS;
      if (entry < 0) {
        into[write++] = (byte) (entry >>> 16);
        continue;
      }
      if ((entry & EXCEPTION) != 0) {
        return end(read, write, buffer, left);
      }
      int extra = entry >>> 8 & 0x1f;
      int length = (entry >>> 16) + ((int) buffer & ((1 << extra) - 1));
      buffer >>>= extra;
      left -= extra;
      if (length == 0 || read > inLimit) {
        return UNDECIDED;
      }
      buffer |= (long) LONG.get(from, read) << left;
      read += (63 - left) >>> 3;
      left |= 56;
      entry = distances[(int) buffer & ((1 << DISTANCE_BITS) - 1)];
      if ((entry & EXCEPTION) != 0) {
        buffer >>>= DISTANCE_BITS;
        left -= DISTANCE_BITS;
        entry = distances[second(entry, buffer)];
      }
      buffer >>>= entry & CODE_BITS;
      left -= entry & CODE_BITS;
      extra = entry >>> 8 & 0x1f;
      int distance = (entry >>> 16) + ((int) buffer & ((1 << extra) - 1));
      buffer >>>= extra;
      left -= extra;
      if (distance == 0 || distance > write - start) {
        return UNDECIDED;
      }
      copy(into, write, distance, length);
      write += length;
    }
  }

  /** Where the entry of a longer code is; its first bits were taken. */
  private static int second(int entry, long buffer) {
    return (entry >>> 16) + ((int) buffer & ((1 << (entry >>> 8 & 0xf)) - 1));
  }

  private int end(int read, int write, long buffer, int left) {
    position = read;
    at = write;
    bits = buffer;
    count = left;
    return 0;
  }

  /** Copies a match, and up to seven bytes over its end. */
  private static void copy(byte[] bytes, int to, int distance, int length) {
    int end = to + length;
    if (distance >= Long.BYTES) {
      for (int i = to; i < end; i += Long.BYTES) {
        LONG.set(bytes, i, (long) LONG.get(bytes, i - distance));
      }
    } else {
      // Few bytes again and again: as often as they fit eight bytes.
      int width = distance << 3;
      long few = (long) LONG.get(bytes, to - distance) & ((1L << width) - 1);
      for (int shift = width; shift < Long.SIZE; shift <<= 1) {
        few |= few << shift;
      }
      int step = WHOLE_STEP[distance];
      for (int i = to; i < end; i += step) {
        LONG.set(bytes, i, few);
      }
    }
  }
}
