package dev.firn.error;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Finds the names that a mistyped name may have meant. Stateless. */
public final class NearMatch {
  private static final int MOST = 3;

  private NearMatch() {}

  /**
   * Returns up to three candidates, nearest first, within one edit or a third of the name's length,
   * but never so many edits that nothing of the shorter name is left. An edit is a letter added,
   * lost or changed, or two neighbours swapped. Case does not count.
   */
  public static List<String> of(String name, Collection<String> candidates) {
    String wanted = name.toLowerCase(Locale.ROOT);
    return candidates.stream()
        .filter(c -> near(wanted, c.toLowerCase(Locale.ROOT)))
        .sorted(
            Comparator.<String>comparingInt(c -> distance(wanted, c.toLowerCase(Locale.ROOT)))
                .thenComparing(Comparator.naturalOrder()))
        .limit(MOST)
        .toList();
  }

  /** Returns {@code "; did you mean a or b?"}, or an empty string where nothing is near. */
  public static String hint(String name, Collection<String> candidates) {
    List<String> near = of(name, candidates);
    return near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?";
  }

  private static boolean near(String wanted, String candidate) {
    int shorter = Math.min(wanted.length(), candidate.length());
    int distance = distance(wanted, candidate);
    return distance < shorter && distance <= Math.max(1, wanted.length() / 3);
  }

  /** The optimal string alignment distance: Levenshtein's, and swapped neighbours are one edit. */
  private static int distance(String a, String b) {
    int[] beforePrevious = new int[b.length() + 1];
    int[] previous = new int[b.length() + 1];
    int[] current = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(substitution, 1 + Math.min(previous[j], current[j - 1]));
        if (swapped(a, i, b, j)) {
          current[j] = Math.min(current[j], 1 + beforePrevious[j - 2]);
        }
      }
      int[] oldest = beforePrevious;
      beforePrevious = previous;
      previous = current;
      current = oldest;
    }
    return previous[b.length()];
  }

  /** Whether the two letters that end at {@code i} and {@code j} are each other's reverse. */
  private static boolean swapped(String a, int i, String b, int j) {
    return i > 1
        && j > 1
        && a.charAt(i - 1) == b.charAt(j - 2)
        && a.charAt(i - 2) == b.charAt(j - 1);
  }
}
