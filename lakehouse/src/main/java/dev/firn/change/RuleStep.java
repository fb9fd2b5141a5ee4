package dev.firn.change;

import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import dev.firn.format.write.FileRegistrar;
import dev.firn.scan.Pruning;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.jspecify.annotations.Nullable;

/**
 * A step that applies a rule. Immutable.
 *
 * @param branch where the rows are, and the change goes
 * @param dry whether only to count
 * @param rules makes the rule for a table, whose rows are written with the given columns
 */
record RuleStep(ChangeTarget target, Command command, String branch, boolean dry, Rules rules)
    implements ChangeStep {
  interface Rules {
    RowRule of(Table table, Schema written);
  }

  @Override
  public Draft draft(Table table, FileRegistrar registrar) {
    Snapshot base = head(table);
    try (ChangedFiles files = new ChangedFiles(table, registrar, target.allocator(), dry)) {
      RowRule rule = rules.of(table, files.schema());
      new RowChanger(table, branch, target, rule, files).run(command.copies(table));
      rule.finish(files);
      Expression read = Pruning.weakened(table, rule.filter());
      return files.complete(
          branch, base == null ? null : base.snapshotId(), read, command.isolation(table));
    }
  }

  private @Nullable Snapshot head(Table table) {
    if (branch.equals(SnapshotRef.MAIN_BRANCH)) {
      return table.currentSnapshot();
    }
    SnapshotRef ref = table.refs().get(branch);
    if (ref == null) {
      throw FirnException.notFound(
          "Cannot change %s: it has no branch '%s'%s"
              .formatted(target.name(), branch, NearMatch.hint(branch, table.refs().keySet())));
    }
    if (!ref.isBranch()) {
      throw FirnException.invalid(
          "Cannot change %s: '%s' is a tag, which never moves; name a branch"
              .formatted(target.name(), branch));
    }
    return table.snapshot(ref.snapshotId());
  }

  /** Runs it: dry on the table as it is, else to its commit. */
  ChangeReceipt run(String doing) {
    if (!dry) {
      return target.apply(doing, this);
    }
    return draft(target.table(), FileRegistrar.NONE).counts();
  }
}
