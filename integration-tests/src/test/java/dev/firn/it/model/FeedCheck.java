package dev.firn.it.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeChanges;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.SnapshotUtil;

/** Checks that the changes between two snapshots, applied to the older one, give the newer one. */
final class FeedCheck {
  private static final Set<String> COMES = Set.of("INSERT", "UPDATE_AFTER");

  private static final int CHANGE_COLUMNS = 3;

  private final RandomTable at;

  FeedCheck(RandomTable at) {
    this.at = at;
  }

  void check() {
    if (at.model.pasts.size() < 2) {
      return;
    }
    Model.Past one = at.model.anyPast(at.random);
    Model.Past other = at.model.anyPast(at.random);
    check(one, other, at.table.changes().net());
    if (SnapshotUtil.isAncestorOf(at.table.iceberg(), other.snapshot(), one.snapshot())
        && areRetained(one.snapshot(), other.snapshot())) {
      check(one, other, at.table.changes());
    }
  }

  private boolean areRetained(long from, long to) {
    for (Long each = to; each != null && each != from; ) {
      if (at.table.iceberg().snapshot(each) == null) {
        return false;
      }
      each = at.table.iceberg().snapshot(each).parentId();
    }
    return true;
  }

  private void check(Model.Past from, Model.Past to, LakeChanges all) {
    LakeChanges changes = all.from(from.snapshot()).to(to.snapshot());
    List<Types.NestedField> columns = changes.schema().columns();
    Schema schema = new Schema(columns.subList(0, columns.size() - CHANGE_COLUMNS));
    List<String> rows = new ArrayList<>(at.model.shown(schema, from.rows()));
    for (Record change : changes.toList()) {
      String row = Model.shown(schema, Model.values(schema, change));
      if (COMES.contains((String) change.getField(MetadataColumns.CHANGE_TYPE.name()))) {
        rows.add(row);
      } else {
        assertThat(rows.remove(row))
            .as(
                "%s of %s is there to go, from %d to %d",
                change, rows, from.snapshot(), to.snapshot())
            .isTrue();
      }
    }
    assertThat(rows.stream().sorted())
        .as("changes from %d to %d", from.snapshot(), to.snapshot())
        .isEqualTo(at.model.shown(schema, to.rows()));
  }
}
