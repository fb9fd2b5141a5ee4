package dev.firn.change;

import java.util.List;

/** What a merge is asked to do: clauses of each kind, of which the first that applies is taken. */
record MergePlan(
    List<String> on, List<Clause> matched, List<Clause> notMatched, List<Clause> bySource) {
  MergePlan {
    on = List.copyOf(on);
    matched = List.copyOf(matched);
    notMatched = List.copyOf(notMatched);
    bySource = List.copyOf(bySource);
  }
}
