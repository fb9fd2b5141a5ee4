package dev.firn.ingest.value;

/**
 * A scanner of number texts: says whether a text is a number that loses nothing as one, and how
 * large. Mutable, reused from text to text; confined to one thread.
 *
 * <p>A number is {@code -?digits[.digits][e[+-]digits]}. Leading zeros ({@code 00501}), a leading
 * plus and thousands separators are not numbers here: such texts are mostly codes, and would not
 * come back as they were.
 */
final class NumberScan {
  private int integerDigits;
  private int fractionDigits;
  private boolean point;
  private boolean exponent;

  /** Scans {@code text[from, to)}; the other methods then describe it if the result is true. */
  boolean scan(String text, int from, int to) {
    point = false;
    exponent = false;
    fractionDigits = 0;
    int at = from < to && text.charAt(from) == '-' ? from + 1 : from;
    int start = at;
    at = digits(text, at, to);
    integerDigits = at - start;
    if (integerDigits > 1 && text.charAt(start) == '0') {
      return false;
    }
    if (at < to && text.charAt(at) == '.') {
      point = true;
      int fraction = at + 1;
      at = digits(text, fraction, to);
      fractionDigits = at - fraction;
    }
    if (integerDigits + fractionDigits == 0) {
      return false;
    }
    return at == to || exponentEnds(text, at, to);
  }

  private boolean exponentEnds(String text, int at, int to) {
    if ((text.charAt(at) | 0x20) != 'e') {
      return false;
    }
    exponent = true;
    int sign = at + 1;
    boolean signed = sign < to && (text.charAt(sign) == '-' || text.charAt(sign) == '+');
    int first = signed ? sign + 1 : sign;
    return first < to && digits(text, first, to) == to;
  }

  private static int digits(String text, int from, int to) {
    int at = from;
    while (at < to && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at;
  }

  /** Returns the digits before the point. */
  int integerDigits() {
    return integerDigits;
  }

  /** Returns the digits after the point. */
  int fractionDigits() {
    return fractionDigits;
  }

  /** Returns whether it is a plain integer: no point, no exponent. */
  boolean integral() {
    return !point && !exponent;
  }

  boolean exponent() {
    return exponent;
  }

  /** Returns whether the text is one of the usual spellings of a value that is not a number. */
  static boolean special(String text) {
    return switch (text) {
      case "NaN", "nan", "Infinity", "-Infinity", "inf", "-inf", "Inf", "-Inf" -> true;
      default -> false;
    };
  }

  /** Returns the double that a text stands for, the special spellings included. */
  static double toDouble(String text) {
    return switch (text) {
      case "NaN", "nan" -> Double.NaN;
      case "Infinity", "inf", "Inf" -> Double.POSITIVE_INFINITY;
      case "-Infinity", "-inf", "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }
}
