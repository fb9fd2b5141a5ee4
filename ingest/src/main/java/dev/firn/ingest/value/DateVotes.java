package dev.firn.ingest.value;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A counter of the styles that a column's dates fit, for a column that is known to hold dates: what
 * fits none is a bad value and decides nothing. Mutable; confined to one thread.
 */
final class DateVotes {
  private final int[] votes = new int[DateStyle.ALL.size()];

  /** Counts the date of a text, or the date part of a timestamp, if it is one. */
  void add(String text) {
    int to = text.indexOf(':') < 0 ? text.length() : TimeScan.dateEnd(text);
    // Every column takes ISO dates besides its own style, so they say nothing about it.
    if (to < 0 || DateStyle.ISO.parse(text, 0, to) != null) {
      return;
    }
    for (int i = 0; i < votes.length; i++) {
      votes[i] += DateStyle.ALL.get(i).parse(text, 0, to) == null ? 0 : 1;
    }
  }

  /** Returns the style that most dates fit; null where there was none, or several fit as many. */
  @Nullable DateStyle style(@Nullable DateOrder preferred) {
    int most = Arrays.stream(votes).max().orElse(0);
    List<DateStyle> first =
        IntStream.range(0, votes.length)
            .filter(i -> most > 0 && votes[i] == most)
            .mapToObj(DateStyle.ALL::get)
            .toList();
    if (first.size() == 1) {
      return first.get(0);
    }
    return first.stream().filter(style -> style.order() == preferred).findFirst().orElse(null);
  }
}
