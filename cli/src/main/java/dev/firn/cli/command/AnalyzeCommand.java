package dev.firn.cli.command;

import dev.firn.cli.output.Column;
import dev.firn.cli.output.RowPrinter;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Progress;
import dev.firn.cli.run.Session;
import dev.firn.compaction.stats.StatisticsResult;
import dev.firn.compaction.stats.StatisticsUpdate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "analyze",
    description = {
      "Compute statistics of a table's current snapshot, for the planners of Spark, Trino and"
          + " others:",
      "distinct values of columns, and of a partitioned table the totals of its partitions."
    },
    footer = {
      "Examples:",
      "  firn analyze shop.orders",
      "  firn analyze shop.orders --columns status,customer_id -o json"
    })
final class AnalyzeCommand implements FirnCommand {
  private static final long UNKNOWN = -1;

  @Mixin TableParameter table = new TableParameter();

  @Option(
      names = "--columns",
      paramLabel = "NAMES",
      split = ",",
      description = "Only these, with commas between them (default: all that are primitive).")
  @Nullable List<String> columns;

  @Override
  public void run(Session session) {
    StatisticsUpdate update = session.table(table.name).computeStatistics();
    if (columns != null) {
      update = update.columns(columns.stream().map(String::strip).toList());
    }
    StatisticsResult result;
    try (Progress progress = session.progress("Analyzing", UNKNOWN)) {
      result = update.progress(rows -> progress.update(0, rows)).run();
    }
    try (RowPrinter rows =
        session.rows(List.of(Column.text("column"), Column.number("distinct_values")))) {
      for (StatisticsResult.Distinct each : result.columns()) {
        rows.row(List.of(each.column(), each.values()));
      }
    }
    session.message(
        result.snapshotId() == null
            ? "Nothing to do in %s: it has no rows yet".formatted(table.name)
            : "Computed statistics of %s: snapshot %d, %,d rows%s"
                .formatted(
                    table.name,
                    result.snapshotId(),
                    result.rows(),
                    result.partitionFile() == null ? "" : ", and of its partitions"));
  }
}
