package dev.firn.sql;

import dev.firn.LakeScan;
import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import dev.firn.scan.SnapshotSelector;
import dev.firn.scan.metadata.MetadataTable;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the lakehouse's tables by the names of a query. A name is matched as it is written, and
 * otherwise in any case where exactly one table fits; what follows an {@code @} is a point in the
 * table's past.
 */
final class LakeNames {
  private final Lakehouse lake;

  LakeNames(Lakehouse lake) {
    this.lake = lake;
  }

  /**
   * What a query names, and at which snapshot.
   *
   * @param name the table's own, or that of what describes it
   * @param at null where the name does not tell
   */
  record Named(String name, LakeScan scan, @Nullable SnapshotSelector at) {
    Named at(SnapshotSelector snapshot) {
      return new Named(name, scan, snapshot);
    }
  }

  /** Returns what the path names, or empty where there is no such table. */
  Optional<Named> find(List<String> path) {
    String name = String.join(".", path);
    Optional<Named> now = rows(name);
    int sign = name.lastIndexOf('@');
    if (now.isPresent() || sign < 0 || sign == name.length() - 1) {
      return now;
    }
    SnapshotSelector at = PointName.parse(name.substring(sign + 1));
    return rows(name.substring(0, sign)).map(named -> named.at(at));
  }

  /** Returns the table, or what describes one, such as its files. */
  private Optional<Named> rows(String name) {
    Optional<Named> table = table(name).map(t -> new Named(t.name(), t.scan(), null));
    int dot = name.lastIndexOf('.');
    String of = dot < 0 ? "" : name.substring(0, dot);
    return table.isPresent() || !of.contains(".")
        ? table
        : MetadataTable.find(name.substring(dot + 1)).flatMap(which -> metadata(of, which));
  }

  private Optional<Named> metadata(String of, MetadataTable which) {
    return table(of)
        .map(t -> new Named(t.name() + "." + which.tableName(), t.metadata(which), null));
  }

  private Optional<LakeTable> table(String name) {
    Optional<LakeTable> exact = lake.findTable(name);
    if (exact.isPresent()) {
      return exact;
    }
    List<String> others = lake.tables().stream().filter(name::equalsIgnoreCase).toList();
    if (others.size() > 1) {
      throw FirnException.invalid(
          "Cannot run the SQL statement: the name %s is ambiguous, it may be %s"
              .formatted(name, String.join(" or ", others)));
    }
    return others.isEmpty() ? Optional.empty() : lake.findTable(others.get(0));
  }

  FirnException missing(String name, @Nullable Throwable cause) {
    return new FirnException(
        ErrorKind.NOT_FOUND,
        "Cannot run the SQL statement: there is no table %s%s".formatted(name, hint(name)),
        cause);
  }

  private String hint(String name) {
    List<String> all = lake.tables();
    String near = NearMatch.hint(name, all);
    if (!near.isEmpty()) {
      return near;
    }
    // The name without its namespace, or with a wrong one.
    String last = lastPart(name);
    List<String> nearLast = NearMatch.of(last, all.stream().map(LakeNames::lastPart).toList());
    List<String> full = all.stream().filter(table -> nearLast.contains(lastPart(table))).toList();
    return full.isEmpty()
        ? "; 'firn describe' lists the tables"
        : "; did you mean " + String.join(" or ", full.subList(0, Math.min(3, full.size()))) + "?";
  }

  private static String lastPart(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }
}
