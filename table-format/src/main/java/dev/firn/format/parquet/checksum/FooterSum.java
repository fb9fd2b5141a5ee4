package dev.firn.format.parquet.checksum;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The key-value pair of a footer that says what the footer and the section before it must sum up
 * to. Immutable.
 *
 * <p>Whoever copies the pair into another file, as tools that merge or rewrite files do, does not
 * damage that file: the pair counts only in a footer of the length and at the place that it names.
 *
 * @param place a hash of where the footer starts and of its length
 * @param footer of the footer with these digits as zeros, and the four bytes of its length
 * @param sectionLength in bytes, ending where the footer starts
 * @param section of the section
 */
public record FooterSum(int place, int footer, int sectionLength, int section) {
  /** The key of the pair. */
  public static final String KEY = "firn.crc32c";

  /** The value to write first; of the length that every value has. */
  public static final String PLACEHOLDER = new FooterSum(0, 0, 0, 0).text();

  private static final String MARK = "crc32c:";
  private static final Pattern FORM =
      Pattern.compile(MARK + "([0-9a-f]{8}):([0-9a-f]{8}):([0-9a-f]{8}):([0-9a-f]{8})");
  private static final int DIGITS = 8;

  /** Thrift's compact protocol: the next field, a string of less than 128 bytes. */
  private static final byte NEXT_STRING = 0x18;

  /**
   * What the pairs of a footer hold; null where there is none, or another file's. Fails where it is
   * damaged.
   */
  public static @Nullable FooterSum find(Map<String, String> pairs, long start, int length) {
    String value = pairs.get(KEY);
    if (value == null) {
      // A damaged key must not switch the check off.
      if (pairs.values().stream().anyMatch(other -> FORM.matcher(other).matches())) {
        throw new IllegalArgumentException("the key of its checksum is damaged");
      }
      return null;
    }
    Matcher digits = FORM.matcher(value);
    if (!digits.matches()) {
      throw new IllegalArgumentException("its checksum has not the form of one");
    }
    FooterSum found =
        new FooterSum(parse(digits, 2), parse(digits, 1), parse(digits, 3), parse(digits, 4));
    return found.place == place(start, length) ? found : null;
  }

  private static int place(long start, int length) {
    return 31 * Long.hashCode(start) + length;
  }

  private static int parse(Matcher digits, int group) {
    return HexFormat.fromHexDigits(digits.group(group));
  }

  private String text() {
    HexFormat hex = HexFormat.of();
    return MARK
        + hex.toHexDigits(footer)
        + ':'
        + hex.toHexDigits(place)
        + ':'
        + hex.toHexDigits(sectionLength)
        + ':'
        + hex.toHexDigits(section);
  }

  /** Fails where the footer is not what was written. */
  public void check(byte[] bytes) {
    int found = sum(bytes, valueAt(bytes, text()) + MARK.length());
    if (found != footer) {
      throw new IllegalArgumentException(
          "its checksum does not match, expected %08x, got %08x".formatted(footer, found));
    }
  }

  /** Replaces the {@link #PLACEHOLDER} in a footer by the sums of it and of its section. */
  static void seal(byte[] bytes, long start, byte[] section) {
    int at = valueAt(bytes, PLACEHOLDER);
    CRC32C sum = new CRC32C();
    sum.update(section);
    int place = place(start, bytes.length);
    put(bytes, at, new FooterSum(place, 0, section.length, (int) sum.getValue()));
    int footer = sum(bytes, at + MARK.length());
    put(bytes, at, new FooterSum(place, footer, section.length, (int) sum.getValue()));
  }

  private static void put(byte[] bytes, int at, FooterSum value) {
    byte[] text = value.text().getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, bytes, at, text.length);
  }

  private static int sum(byte[] bytes, int digits) {
    byte[] zeros = new byte[DIGITS];
    Arrays.fill(zeros, (byte) '0');
    CRC32C sum = new CRC32C();
    sum.update(bytes, 0, digits);
    sum.update(zeros);
    sum.update(bytes, digits + DIGITS, bytes.length - digits - DIGITS);
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      sum.update(bytes.length >>> shift);
    }
    return (int) sum.getValue();
  }

  /** Where the pair's value starts. Pairs stand behind all else that is as long. */
  private static int valueAt(byte[] bytes, String value) {
    String pair =
        "%c%c%s%c%c".formatted(NEXT_STRING, KEY.length(), KEY, NEXT_STRING, value.length());
    byte[] wanted = (pair + value).getBytes(StandardCharsets.ISO_8859_1);
    for (int at = bytes.length - wanted.length; at >= 0; at--) {
      if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
        return at + pair.length();
      }
    }
    throw new IllegalArgumentException("the key of its checksum is not where it was written");
  }
}
