package dev.firn.cli.command;

import dev.firn.LakeTable;
import dev.firn.change.TableDelete;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.cli.text.PointInTime;
import dev.firn.compaction.maintain.Retention;
import dev.firn.error.FirnException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "retain",
    description =
        "Drop rows that are older than the table keeps them, as firn.retention.column and"
            + " firn.retention.age say, or the options. Files and partitions that are old"
            + " throughout go by metadata alone. Rows stay readable in the past until their"
            + " snapshots expire.",
    footer = {
      "Examples:",
      "  firn retain shop.orders --dry-run",
      "  firn retain shop.orders --column ordered_at --older-than 30d --yes"
    })
final class RetainCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();
  @Mixin DryRunOption dryRun = new DryRunOption();

  @Option(
      names = "--column",
      paramLabel = "COLUMN",
      description = "The date or timestamp that says how old a row is (default: the property).")
  @Nullable String column;

  @Option(
      names = "--older-than",
      paramLabel = "AGE|TIME",
      description = "Rows from before: 30d, 12h, or a time (default: the property).")
  @Nullable String olderThan;

  @Override
  public void run(Session session) {
    LakeTable lakeTable = session.table(table.name);
    Map<String, String> properties = lakeTable.iceberg().properties();
    String by = column != null ? column : properties.get(Retention.COLUMN);
    String age = olderThan != null ? olderThan : properties.get(Retention.AGE);
    if (by == null || age == null) {
      throw FirnException.invalid(
          "Cannot drop old rows of %s: it does not say how long it keeps them, expected the table properties %s and %s, or --column and --older-than"
              .formatted(table.name, Retention.COLUMN, Retention.AGE));
    }
    Instant before = PointInTime.instant(age, session.clock());
    TableDelete old = lakeTable.dropRowsOlderThan(by, before);
    if (dryRun.on) {
      RowChangeText.tell(table.name, dryRun, old.dryRun(), session);
      return;
    }
    session.confirm(
        "drop old rows of " + table.name,
        "every row where %s is before %s goes".formatted(by, before));
    RowChangeText.tell(table.name, dryRun, old.run(), session);
  }
}
