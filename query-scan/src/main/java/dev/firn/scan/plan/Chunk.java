package dev.firn.scan.plan;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Some entries of a manifest in columns. Immutable.
 *
 * @param longs those of which some row has a value; the counts of records and the sizes among them
 * @param counts of all statistics that are no bounds
 */
record Chunk(
    int rows,
    Map<LongField, LongColumn> longs,
    PathColumn paths,
    BytesColumn formats,
    @Nullable BytesColumn keyMetadata,
    @Nullable PathColumn referenced,
    @Nullable ListColumn splitOffsets,
    @Nullable ListColumn equalityIds,
    Tuples partitions,
    Map<Statistic, StatColumns<LongColumn>> counts,
    StatColumns<BytesColumn> lower,
    StatColumns<BytesColumn> upper) {

  /** The number of a row; null where it has none. */
  @Nullable Long boxed(LongField field, int row) {
    LongColumn column = longs.get(field);
    return column == null ? null : column.boxed(row);
  }

  /** The number of a row that has one. */
  long number(LongField field, int row) {
    LongColumn column = longs.get(field);
    if (column == null) {
      throw new IllegalStateException("no " + field);
    }
    return column.get(row);
  }

  StatColumns<LongColumn> counts(Statistic statistic) {
    StatColumns<LongColumn> columns = counts.get(statistic);
    if (columns == null) {
      throw new IllegalArgumentException(statistic + " is no count");
    }
    return columns;
  }

  StatColumns<BytesColumn> bounds(Statistic statistic) {
    return statistic == Statistic.LOWER_BOUNDS ? lower : upper;
  }

  long weight() {
    // Columns may be shared between statistics.
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    long bytes = 400 + paths.weight() + formats.weight() + partitions.weight();
    for (LongColumn column : longs.values()) {
      bytes += seen.add(column) ? column.weight() : 0;
    }
    bytes += keyMetadata == null ? 0 : keyMetadata.weight();
    bytes += referenced == null ? 0 : referenced.weight();
    bytes += splitOffsets == null ? 0 : splitOffsets.weight();
    bytes += equalityIds == null ? 0 : equalityIds.weight();
    for (StatColumns<LongColumn> each : counts.values()) {
      bytes += each.weight();
      for (int i = 0; i < each.size(); i++) {
        bytes += seen.add(each.at(i)) ? each.at(i).weight() : 0;
      }
    }
    for (Statistic statistic : new Statistic[] {Statistic.LOWER_BOUNDS, Statistic.UPPER_BOUNDS}) {
      StatColumns<BytesColumn> each = bounds(statistic);
      bytes += each.weight();
      for (int i = 0; i < each.size(); i++) {
        bytes += seen.add(each.at(i)) ? each.at(i).weight() : 0;
      }
    }
    return bytes;
  }
}
