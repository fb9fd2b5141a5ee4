package dev.firn.storage;

import dev.firn.error.FirnException;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Byte sizes as people write them: {@code 128MB}, {@code 1.5 GiB}, {@code 4096}. Stateless. */
public final class ByteSize {
  private static final Pattern SIZE = Pattern.compile("\\s*(\\d+(?:\\.\\d+)?)\\s*([A-Za-z]*)\\s*");
  private static final Map<String, Long> UNITS =
      Map.ofEntries(
          Map.entry("", 1L),
          Map.entry("b", 1L),
          Map.entry("kb", 1_000L),
          Map.entry("mb", 1_000_000L),
          Map.entry("gb", 1_000_000_000L),
          Map.entry("tb", 1_000_000_000_000L),
          Map.entry("kib", 1L << 10),
          Map.entry("mib", 1L << 20),
          Map.entry("gib", 1L << 30),
          Map.entry("tib", 1L << 40));

  private ByteSize() {}

  /**
   * Returns the bytes, from 0, of decimal (kB, MB, GB, TB) or binary (KiB, MiB, GiB, TiB) units of
   * any case.
   *
   * @throws FirnException INVALID for anything else
   */
  public static long parse(String text) {
    Matcher matcher = SIZE.matcher(text);
    Long unit = matcher.matches() ? UNITS.get(matcher.group(2).toLowerCase(Locale.ROOT)) : null;
    if (unit == null) {
      throw FirnException.invalid(
          "Cannot read size '%s': expected a number with B, kB, MB, GB, TB, KiB, MiB, GiB or TiB, such as 128MB"
              .formatted(text));
    }
    try {
      BigDecimal count = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit));
      return count.toBigInteger().longValueExact();
    } catch (ArithmeticException e) {
      throw FirnException.invalid("Cannot read size '%s': it is too large".formatted(text));
    }
  }
}
