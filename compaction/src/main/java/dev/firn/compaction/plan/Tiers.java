package dev.firn.compaction.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Which fragments of a partition that still grows are merged: none that is larger than all smaller
 * ones together, so that a row is written again only as often as the partition doubles. Stateless.
 */
final class Tiers {
  private Tiers() {}

  static Set<Source> of(List<Source> files) {
    List<Source> fragments = new ArrayList<>();
    for (Source file : files) {
      file.why.retainAll(Set.of(Why.FRAGMENT));
      if (!file.why.isEmpty()) {
        fragments.add(file);
      }
    }
    fragments.sort(Comparator.comparingLong(Source::bytes));
    int count = 0;
    long smaller = 0;
    for (int i = 0; i < fragments.size(); i++) {
      if (i > 0 && fragments.get(i).bytes() <= smaller) {
        count = i + 1;
      }
      smaller += fragments.get(i).bytes();
    }
    Set<Source> chosen = Collections.newSetFromMap(new IdentityHashMap<>());
    chosen.addAll(fragments.subList(0, count));
    return chosen;
  }
}
