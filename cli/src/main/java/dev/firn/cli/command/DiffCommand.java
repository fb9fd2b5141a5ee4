package dev.firn.cli.command;

import dev.firn.LakeChanges;
import dev.firn.LakeTable;
import dev.firn.ScanCursor;
import dev.firn.cli.output.Column;
import dev.firn.cli.output.RowPrinter;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.ingest.SchemaText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.ChangelogOperation;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "diff",
    description = {
      "Show what differs between two states of a table: how many rows, and which columns.",
      "States are written as for scan --as-of: a snapshot id, a time, how long ago, a branch, a tag."
    },
    footer = {
      "Examples:",
      "  firn diff shop.orders 2h",
      "  firn diff shop.orders monday tuesday --rows --output csv",
      "  firn diff shop.orders main audit"
    })
final class DiffCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();

  @Parameters(index = "1", paramLabel = "FROM", description = "The one state.")
  String from = "";

  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "TO",
      description = "The other state (default: the newest).")
  @Nullable String to;

  @Option(names = "--rows", description = "Print the rows that differ instead of their number.")
  boolean rows;

  @Override
  public void run(Session session) {
    LakeTable lake = session.table(table.name);
    LakeChanges changes = ChangeOptions.ends(lake.changes().net(), from, to, session);
    if (rows) {
      ChangeOptions.print(changes, Long.MAX_VALUE, session);
      return;
    }
    Map<ChangelogOperation, Long> counts = counts(changes.select(List.of()), session);
    List<String[]> columns =
        columns(
            ChangeOptions.ends(lake.changes().net(), from, from, session).schema(),
            changes.schema());
    RowPrinter printer =
        session.rows(List.of(Column.text("difference"), Column.text("of"), Column.number("rows")));
    line(printer, "inserted", counts.get(ChangelogOperation.INSERT));
    line(printer, "deleted", counts.get(ChangelogOperation.DELETE));
    line(printer, "updated", counts.get(ChangelogOperation.UPDATE_AFTER));
    columns.forEach(each -> printer.row(Arrays.<@Nullable Object>asList(each[0], each[1], null)));
    printer.close();
  }

  private static void line(RowPrinter printer, String what, @Nullable Long rows) {
    printer.row(Arrays.<@Nullable Object>asList(what, "rows", rows == null ? 0L : rows));
  }

  private static Map<ChangelogOperation, Long> counts(LakeChanges changes, Session session) {
    Map<ChangelogOperation, Long> counts = new EnumMap<>(ChangelogOperation.class);
    try (ScanCursor cursor = changes.open()) {
      for (Record change : cursor) {
        session.checkInterrupted();
        String type = String.valueOf(change.getField(MetadataColumns.CHANGE_TYPE.name()));
        counts.merge(ChangelogOperation.valueOf(type), 1L, Long::sum);
      }
    }
    return counts;
  }

  /** What became of columns, which are the same as long as their id is. */
  private static List<String[]> columns(Schema before, Schema after) {
    List<String[]> differences = new ArrayList<>();
    for (NestedField old : before.columns()) {
      NestedField current = after.asStruct().field(old.fieldId());
      if (current == null) {
        differences.add(new String[] {"column dropped", shown(old)});
      } else if (!shown(old).equals(shown(current))) {
        differences.add(new String[] {"column changed", shown(old) + " -> " + shown(current)});
      }
    }
    for (NestedField current : after.columns()) {
      if (before.asStruct().field(current.fieldId()) == null) {
        differences.add(new String[] {"column added", shown(current)});
      }
    }
    return differences;
  }

  private static String shown(NestedField field) {
    return field.name()
        + " "
        + SchemaText.format(field.type())
        + (field.isRequired() ? " not null" : "");
  }
}
