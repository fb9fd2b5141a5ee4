package dev.firn.scan.plan;

import java.util.AbstractMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * One statistic of one file by field id, read from its columns as it is asked for. Immutable.
 *
 * @param <V> what a column has of a row
 */
abstract class StatMap<C, V> extends AbstractMap<Integer, V> {
  private final StatColumns<C> columns;
  private final IntPredicate kept;

  /**
   * @param kept which fields it has
   */
  StatMap(StatColumns<C> columns, IntPredicate kept) {
    this.columns = columns;
    this.kept = kept;
  }

  /** The value of the column; null where the row has none. */
  abstract @Nullable V value(C column);

  @Override
  public @Nullable V get(@Nullable Object key) {
    if (!(key instanceof Integer id) || !kept.test(id)) {
      return null;
    }
    C column = columns.column(id);
    return column == null ? null : value(column);
  }

  @Override
  public boolean containsKey(@Nullable Object key) {
    return get(key) != null;
  }

  @Override
  public Set<Map.Entry<Integer, V>> entrySet() {
    Map<Integer, V> all = new HashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      V value = kept.test(columns.fieldId(i)) ? value(columns.at(i)) : null;
      if (value != null) {
        all.put(columns.fieldId(i), value);
      }
    }
    return Set.copyOf(all.entrySet());
  }
}
