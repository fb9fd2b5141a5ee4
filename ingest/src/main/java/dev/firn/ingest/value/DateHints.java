package dev.firn.ingest.value;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known beforehand of how dates are written. Immutable.
 *
 * @param preferred what {@code 1/2/2020} means where a whole column leaves it open, or null
 * @param columns the columns that hold dates or timestamps whatever their texts look like, by
 *     dotted path; list elements are {@code a[]}
 */
public record DateHints(@Nullable DateOrder preferred, Set<String> columns) {
  public DateHints {
    columns = Set.copyOf(columns);
  }
}
