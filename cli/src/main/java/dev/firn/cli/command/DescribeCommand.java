package dev.firn.cli.command;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.cli.output.Column;
import dev.firn.cli.output.OutputFormat;
import dev.firn.cli.output.RowPrinter;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "describe",
    description =
        "List the tables, or show one, now or in the past: columns, layout, properties, size, branches and tags.",
    footer = {
      "Examples:",
      "  firn describe",
      "  firn describe shop.orders",
      "  firn describe shop.orders --output json",
      "  firn describe shop.orders --as-of 2026-01-31"
    })
final class DescribeCommand implements FirnCommand {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "TABLE",
      description = "The table, as NAMESPACE.TABLE; without it, all are listed.")
  @Nullable String table;

  @Mixin PointOptions point = new PointOptions();

  @Override
  public void run(Session session) {
    if (table == null) {
      if (point.parse(session) != null) {
        throw FirnException.invalid("Cannot describe the past of all tables: name one");
      }
      list(session);
      return;
    }
    LakeTable named = session.table(table);
    TableDescription description = TableDescription.of(named, point.apply(named.scan(), session));
    if (session.output().format() == OutputFormat.JSON) {
      session.output().result(description.toMap());
    } else if (session.output().format() == OutputFormat.CSV) {
      description.printColumns(session);
    } else {
      description.print(session);
    }
  }

  private static void list(Session session) {
    Lakehouse lake = session.lake();
    List<String> names = lake.tables();
    try (RowPrinter rows =
        session.rows(
            List.of(
                Column.text("table"),
                Column.number("rows"),
                Column.number("data_files"),
                Column.number("delete_files"),
                Column.number("bytes"),
                Column.number("snapshot_id"),
                Column.text("committed_at")))) {
      for (String name : names) {
        session.checkInterrupted();
        Table iceberg = lake.table(name).iceberg();
        List<@Nullable Object> row = new ArrayList<>();
        row.add(name);
        row.addAll(TableSummary.of(iceberg).toMap().values());
        rows.row(row);
      }
    }
    if (names.isEmpty()) {
      session.message("No tables yet in " + session.settings().warehouse());
    }
  }
}
