package dev.firn;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.NamedReference;
import org.apache.iceberg.expressions.Term;
import org.apache.iceberg.expressions.UnboundTransform;

/**
 * The text form of partition and sort terms: {@code column}, {@code year(c)}, {@code month(c)},
 * {@code day(c)}, {@code hour(c)}, {@code bucket(16, c)}, {@code truncate(4, c)}. A column is
 * written as it is, or in double quotes. Stateless.
 */
public final class Terms {
  private static final List<String> TRANSFORMS =
      List.of("identity", "year", "month", "day", "hour", "bucket", "truncate", "void");
  private static final Pattern CALL = Pattern.compile("(?s)\\s*(\\w+)\\s*\\((.*)\\)\\s*");
  private static final Pattern SIZED = Pattern.compile("(?s)\\s*(\\d+)\\s*,(.*)");
  private static final Pattern SIZED_LAST = Pattern.compile("(?s)(.*),\\s*(\\d+)\\s*");
  private static final Pattern PARAMETER = Pattern.compile("\\[(\\d+)]");

  private Terms() {}

  /**
   * Parses one term.
   *
   * @throws FirnException (invalid) naming the transforms there are
   */
  public static Term parse(String text) {
    Matcher call = CALL.matcher(text);
    if (!call.matches()) {
      return Expressions.ref(column(text));
    }
    String transform = call.group(1).toLowerCase(Locale.ROOT).replaceAll("s$", "");
    String arguments = call.group(2);
    return switch (transform) {
      case "identity" -> Expressions.ref(column(arguments));
      case "year" -> Expressions.year(column(arguments));
      case "month" -> Expressions.month(column(arguments));
      case "day" -> Expressions.day(column(arguments));
      case "hour" -> Expressions.hour(column(arguments));
      case "bucket" -> sized(text, arguments, Expressions::bucket);
      case "truncate" ->
          sized(text, arguments, (column, width) -> Expressions.truncate(column, width));
      default -> throw unknown(text, transform);
    };
  }

  private interface Sized {
    Term of(String column, int size);
  }

  private static Term sized(String text, String arguments, Sized transform) {
    Matcher first = SIZED.matcher(arguments);
    if (first.matches()) {
      return transform.of(column(first.group(2)), size(text, first.group(1)));
    }
    Matcher last = SIZED_LAST.matcher(arguments);
    if (last.matches()) {
      return transform.of(column(last.group(1)), size(text, last.group(2)));
    }
    throw FirnException.invalid(
        "Cannot read partition term '%s': expected a size and a column, for example bucket(16, id)"
            .formatted(text));
  }

  private static int size(String text, String digits) {
    try {
      return Integer.parseInt(digits);
    } catch (NumberFormatException e) {
      throw new FirnException(
          ErrorKind.INVALID,
          "Cannot read partition term '%s': %s is too large, expected at most %d"
              .formatted(text, digits, Integer.MAX_VALUE),
          e);
    }
  }

  private static String column(String text) {
    String name = text.strip();
    if (name.length() >= 2 && name.startsWith("\"") && name.endsWith("\"")) {
      return name.substring(1, name.length() - 1).replace("\"\"", "\"");
    }
    if (name.isEmpty()) {
      throw FirnException.invalid(
          "Cannot read a partition or sort term: the column's name is missing");
    }
    return name;
  }

  private static FirnException unknown(String text, String transform) {
    return FirnException.invalid(
        "Cannot read term '%s': '%s' is no transform, expected one of %s%s"
            .formatted(
                text,
                transform,
                String.join(", ", TRANSFORMS),
                NearMatch.hint(transform, TRANSFORMS)));
  }

  /** Returns the column that the term reads. */
  static String columnOf(Term term) {
    if (term instanceof NamedReference<?> reference) {
      return reference.name();
    }
    if (term instanceof UnboundTransform<?, ?> transform) {
      return transform.ref().name();
    }
    throw FirnException.invalid(
        "Cannot partition by " + term + ": expected a column or a transform of one");
  }

  /** Adds the term as a partition field, named as Iceberg names it. */
  static void addTo(PartitionSpec.Builder spec, Term term) {
    String column = columnOf(term);
    if (term instanceof NamedReference<?>) {
      spec.identity(column);
      return;
    }
    String transform = ((UnboundTransform<?, ?>) term).transform().toString();
    String kind = transform.replaceAll("\\[.*", "");
    switch (kind) {
      case "identity" -> spec.identity(column);
      case "year" -> spec.year(column);
      case "month" -> spec.month(column);
      case "day" -> spec.day(column);
      case "hour" -> spec.hour(column);
      case "bucket" -> spec.bucket(column, parameter(transform));
      case "truncate" -> spec.truncate(column, parameter(transform));
      case "void" -> spec.alwaysNull(column);
      default -> throw unknown(term.toString(), kind);
    }
  }

  private static int parameter(String transform) {
    Matcher matcher = PARAMETER.matcher(transform);
    if (!matcher.find()) {
      throw new IllegalStateException("transform without a parameter: " + transform);
    }
    return Integer.parseInt(matcher.group(1));
  }
}
