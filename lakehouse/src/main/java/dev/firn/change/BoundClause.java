package dev.firn.change;

import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;

/** A clause in terms of one table's and one source's columns. */
record BoundClause(@Nullable PairCondition test, Clause.Action action, BoundAssignments values) {
  static BoundClause of(
      String table, Clause clause, Schema target, Schema written, Schema source, PairSchema pair) {
    PairCondition test = clause.when() == null ? clause.test() : pair.test(table, clause.when());
    Assignments values = clause.values();
    if (clause.action() == Clause.Action.ALL) {
      values = new Assignments();
      for (int i = 0; i < source.columns().size(); i++) {
        String name = source.columns().get(i).name();
        int position = i;
        if (target.asStruct().field(name) != null) {
          values.set(name, (row, from) -> from == null ? null : from.get(position));
        }
      }
    }
    values.check(table, source);
    return new BoundClause(test, clause.action(), values.bind(table, target, written));
  }

  boolean holds(@Nullable Record target, @Nullable Record source) {
    return test == null || test.holds(target, source);
  }

  Fate fate(Record target, @Nullable Record source) {
    return switch (action) {
      case SET, ALL -> new Fate.Updated(() -> values.update(target, source));
      case DELETE -> Fate.Deleted.DELETED;
      case IGNORE -> Fate.Kept.KEPT;
    };
  }
}
