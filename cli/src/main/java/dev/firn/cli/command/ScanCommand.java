package dev.firn.cli.command;

import dev.firn.LakeScan;
import dev.firn.ScanCursor;
import dev.firn.cli.output.Column;
import dev.firn.cli.output.RowPrinter;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.cli.text.WhereText;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "scan",
    description = {
      "Print rows of a table, now or in the past. Streams: any number of rows.",
      "NAMESPACE.TABLE.files and the like print what describes a table: snapshots, history, refs,"
          + " metadata_log_entries, files, data_files, delete_files, manifests, partitions, entries,"
          + " position_deletes; all_files, all_data_files, all_delete_files, all_manifests,"
          + " all_entries."
    },
    footer = {
      "Examples:",
      "  firn scan shop.orders --limit 10",
      "  firn scan shop.orders --select id,total --where \"status = 'paid' AND total > 99.5\"",
      "  firn scan shop.orders --as-of 2026-01-31 --output csv > january.csv",
      "  firn scan shop.orders --branch audit --output json",
      "  firn scan shop.orders --changes --from 2h",
      "  firn scan shop.orders --follow --token orders.token --output json",
      "  firn scan shop.orders.files --where \"record_count < 1000\" --select file_path"
    })
final class ScanCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();
  @Mixin PointOptions point = new PointOptions();
  @Mixin ChangeOptions changes = new ChangeOptions();

  @Option(
      names = "--select",
      paramLabel = "COLUMN",
      split = ",",
      description = "Only these columns; nested ones as a.b; repeatable, or separated by commas.")
  List<String> select = new ArrayList<>();

  @Option(
      names = "--where",
      paramLabel = "CONDITION",
      description = "Only rows for which it is true; SQL, names with unusual characters in \"…\".")
  @Nullable String where;

  @Option(names = "--limit", paramLabel = "N", description = "At most so many rows.")
  @Nullable Long limit;

  @Override
  public void run(Session session) {
    if (changes.wanted(point)) {
      changes.print(table.name, select, where, limit, session);
      return;
    }
    LakeScan scan = point.apply(session.lake().scan(table.name), session);
    if (where != null) {
      scan = scan.where(WhereText.parse(where, scan.schema()));
    }
    if (!select.isEmpty()) {
      scan = scan.select(select);
    }
    if (limit != null) {
      scan = scan.limit(Checks.notNegative("--limit", limit));
    }
    print(scan, session);
  }

  private static void print(LakeScan scan, Session session) {
    try (ScanCursor rows = scan.open()) {
      print(rows, rows.schema(), session);
    }
  }

  /** Prints rows as they come. */
  static void print(Iterable<Record> rows, Schema schema, Session session) {
    // Closed at the end alone: after a failure, the output must not look whole.
    RowPrinter printer = session.rows(columns(schema.columns()));
    for (Record row : rows) {
      session.checkInterrupted();
      printer.row(values(row));
    }
    printer.close();
  }

  static List<Column> columns(List<Types.NestedField> fields) {
    return fields.stream()
        .map(field -> new Column(field.name(), number(field.type().typeId())))
        .toList();
  }

  private static boolean number(Type.TypeID type) {
    return switch (type) {
      case INTEGER, LONG, FLOAT, DOUBLE, DECIMAL -> true;
      default -> false;
    };
  }

  static List<@Nullable Object> values(Record row) {
    return new AbstractList<>() {
      @Override
      public @Nullable Object get(int index) {
        return row.get(index);
      }

      @Override
      public int size() {
        return row.size();
      }
    };
  }
}
