package dev.firn.scan.plan;

import java.util.Arrays;

/**
 * A parser of the location of a file into a template and what varies: numbers and UUIDs. One
 * location at a time; reused.
 *
 * <p>How it works: a run of ASCII letters and digits that is all digits becomes a number, and one
 * that begins a UUID in lower case becomes that; the template has a mark in their place. Whatever
 * else there is stays in the template, so that every location can be put together again exactly.
 */
final class PathTokens {
  /** The rest of the template is the location itself. */
  static final byte VERBATIM = 0;

  /** A number without leading zeros. */
  static final byte NUMBER = 1;

  /** A number with leading zeros; how many digits, in the byte that follows. */
  static final byte PADDED = 2;

  static final byte UUID = 3;

  /** More are not looked for. */
  static final int MOST = 12;

  private static final int UUID_LENGTH = 36;

  private static final int ALPHANUMERIC = 1;
  private static final int DIGIT = 2;

  /** Of a UUID in lower case. */
  private static final int HEX = 4;

  private static final int MARK = 8;

  /** What each byte is. */
  private static final byte[] KINDS = kinds();

  private byte[] template = new byte[256];
  private int length;
  private final long[] numbers = new long[MOST];
  private int numberCount;
  private final int[] uuids = new int[MOST];
  private int uuidCount;

  void parse(byte[] buffer, int offset, int bytes) {
    length = 0;
    numberCount = 0;
    uuidCount = 0;
    int end = offset + bytes;
    if (template.length < bytes * 2 + 1) {
      template = new byte[bytes * 2 + 1];
    }
    int at = offset;
    while (at < end) {
      byte b = buffer[at];
      if (is(ALPHANUMERIC, b)) {
        at = run(buffer, at, end);
      } else if (is(MARK, b)) {
        verbatim(buffer, offset, bytes);
        return;
      } else {
        template[length++] = b;
        at++;
      }
    }
  }

  private void verbatim(byte[] buffer, int offset, int bytes) {
    length = 0;
    numberCount = 0;
    uuidCount = 0;
    template[length++] = VERBATIM;
    literal(buffer, offset, offset + bytes);
  }

  private int literal(byte[] buffer, int from, int to) {
    // Most are a few bytes.
    for (int at = from; at < to; at++) {
      template[length++] = buffer[at];
    }
    return to;
  }

  /** Takes in the run that begins at {@code from}, or the UUID; returns where it ends. */
  private int run(byte[] buffer, int from, int end) {
    if (uuidCount < MOST && uuid(buffer, from, end)) {
      uuids[uuidCount++] = from;
      template[length++] = UUID;
      return from + UUID_LENGTH;
    }
    int to = from;
    long number = 0;
    while (to < end && is(DIGIT, buffer[to])) {
      // Overflows only where it is not used.
      number = number * 10 + (buffer[to] - '0');
      to++;
    }
    boolean digits = to == end || !alphanumeric(buffer[to]);
    if (!digits || to - from > 18 || numberCount == MOST) {
      while (to < end && alphanumeric(buffer[to])) {
        to++;
      }
      return literal(buffer, from, to);
    }
    numbers[numberCount++] = number;
    if (buffer[from] == '0' && to - from > 1) {
      template[length++] = PADDED;
      template[length++] = (byte) (to - from);
    } else {
      template[length++] = NUMBER;
    }
    return to;
  }

  private static boolean uuid(byte[] buffer, int from, int end) {
    int to = from + UUID_LENGTH;
    if (to > end || (to < end && alphanumeric(buffer[to])) || buffer[from + 8] != '-') {
      return false;
    }
    for (int i = 0; i < UUID_LENGTH; i++) {
      boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
      byte b = buffer[from + i];
      if (dash ? b != '-' : !is(HEX, b)) {
        return false;
      }
    }
    return true;
  }

  private static byte[] kinds() {
    byte[] kinds = new byte[256];
    for (int b = 0; b < 128; b++) {
      if (b >= '0' && b <= '9') {
        kinds[b] = ALPHANUMERIC | DIGIT | HEX;
      } else if (b >= 'a' && b <= 'f') {
        kinds[b] = ALPHANUMERIC | HEX;
      } else if ((b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z')) {
        kinds[b] = ALPHANUMERIC;
      } else if (b >= VERBATIM && b <= UUID) {
        kinds[b] = MARK;
      }
    }
    return kinds;
  }

  private static boolean is(int kind, byte b) {
    return (KINDS[b & 0xff] & kind) != 0;
  }

  private static boolean alphanumeric(byte b) {
    return is(ALPHANUMERIC, b);
  }

  boolean sameTemplate(byte[] other, int from, int to) {
    return length > 0 && Arrays.equals(template, 0, length, other, from, to);
  }

  byte[] template() {
    return template;
  }

  int length() {
    return length;
  }

  int numberCount() {
    return numberCount;
  }

  long number(int index) {
    return numbers[index];
  }

  int uuidCount() {
    return uuidCount;
  }

  /** Where the UUID begins in the buffer. */
  int uuidOffset(int index) {
    return uuids[index];
  }

  /** The first or the second sixteen hexadecimal digits of the UUID that begins there. */
  static long half(byte[] buffer, int uuidOffset, boolean first) {
    long value = 0;
    int from = uuidOffset + (first ? 0 : 19);
    int to = uuidOffset + (first ? 18 : UUID_LENGTH);
    for (int at = from; at < to; at++) {
      if (buffer[at] != '-') {
        value = (value << 4) | Character.digit(buffer[at], 16);
      }
    }
    return value;
  }
}
