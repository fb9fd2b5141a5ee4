package dev.firn;

import dev.firn.error.FirnException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.NullOrder;
import org.apache.iceberg.SortDirection;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.Term;

/** One key of a sort order: what to sort by, which way, and where nulls go. */
public record SortTerm(Term term, SortDirection direction, NullOrder nulls) {
  private static final Pattern SUFFIX =
      Pattern.compile("(?is)^(.*?)(?:\\s+(asc|desc))?(?:\\s+nulls\\s+(first|last))?\\s*$");

  /** Ascending with nulls first, Iceberg's default. */
  public static SortTerm asc(String column) {
    return new SortTerm(Expressions.ref(column), SortDirection.ASC, NullOrder.NULLS_FIRST);
  }

  /** Descending with nulls last, Iceberg's default. */
  public static SortTerm desc(String column) {
    return new SortTerm(Expressions.ref(column), SortDirection.DESC, NullOrder.NULLS_LAST);
  }

  /**
   * Parses {@code TERM [asc|desc] [nulls first|nulls last]}.
   *
   * @throws FirnException (invalid) as {@link Terms#parse}
   */
  public static SortTerm parse(String text) {
    Matcher matcher = SUFFIX.matcher(text);
    if (!matcher.matches()) {
      throw FirnException.invalid("Cannot read sort term '%s'".formatted(text));
    }
    boolean descending = "desc".equals(lower(matcher.group(2)));
    String nulls = lower(matcher.group(3));
    boolean nullsFirst = nulls.isEmpty() ? !descending : nulls.equals("first");
    return new SortTerm(
        Terms.parse(matcher.group(1)),
        descending ? SortDirection.DESC : SortDirection.ASC,
        nullsFirst ? NullOrder.NULLS_FIRST : NullOrder.NULLS_LAST);
  }

  private static String lower(@org.jspecify.annotations.Nullable String text) {
    return text == null ? "" : text.toLowerCase(Locale.ROOT);
  }
}
