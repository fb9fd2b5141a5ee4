package dev.firn.cli.command;

import dev.firn.LakeTable;
import dev.firn.change.ChangeReceipt;
import dev.firn.change.MergeSource;
import dev.firn.change.TableMerge;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.cli.text.WhereText;
import dev.firn.error.FirnException;
import dev.firn.ingest.InputRows;
import dev.firn.ingest.OnError;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.expressions.Expression;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "merge",
    description =
        "Merge the rows of files into a table by key, as one snapshot: rows that are there are updated, others inserted.",
    footer = {
      "Examples:",
      "  firn merge shop.orders changes.csv --on id",
      "  firn merge shop.orders cdc.ndjson --on id --delete-when \"op = 'd'\" --dry-run",
      "  firn merge shop.orders seen.parquet --on id --when-matched ignore"
    })
final class MergeCommand implements FirnCommand {
  /** What becomes of rows that are in the table. */
  enum WhenMatched {
    UPDATE,
    DELETE,
    IGNORE
  }

  /** What becomes of rows that are not. */
  enum WhenNotMatched {
    INSERT,
    IGNORE
  }

  @Mixin TableParameter table = new TableParameter();
  @Mixin ReadingOptions reading = new ReadingOptions();
  @Mixin DryRunOption dryRun = new DryRunOption();

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "FILE",
      description = "Files, directories, globs, or - for stdin.")
  List<String> inputs = new ArrayList<>();

  @Option(
      names = "--on",
      split = ",",
      paramLabel = "COLUMN",
      description = "The key: columns of both sides (default: the table's key).")
  List<String> on = new ArrayList<>();

  @Option(
      names = "--when-matched",
      paramLabel = "update|delete|ignore",
      description = "What becomes of rows that are in the table (default: update).")
  WhenMatched whenMatched = WhenMatched.UPDATE;

  @Option(
      names = "--when-not-matched",
      paramLabel = "insert|ignore",
      description = "What becomes of rows that are not in the table (default: insert).")
  WhenNotMatched whenNotMatched = WhenNotMatched.INSERT;

  @Option(
      names = "--delete-when",
      paramLabel = "CONDITION",
      description =
          "Delete rows for which it is true instead, and do not insert them; columns are source.NAME and target.NAME.")
  @Nullable String deleteWhen;

  @Override
  public void run(Session session) {
    if (reading.evolve || reading.onError != OnError.FAIL) {
      throw FirnException.invalid(
          "Cannot merge into %s with --evolve or --on-error: a merge takes columns and rows that fit; evolve the table first"
              .formatted(table.name));
    }
    LakeTable lakeTable = session.table(table.name);
    if (!dryRun.on && (deleteWhen != null || whenMatched == WhenMatched.DELETE)) {
      session.confirm("merge into " + table.name, "rows that match may go");
    }
    try (InputRows rows =
        InputRows.open(reading.request(table.name, inputs, session), lakeTable.schema())) {
      TableMerge merge = lakeTable.merge(MergeSource.of(rows.schema(), rows::rows));
      merge.on(on.toArray(String[]::new));
      if (deleteWhen != null) {
        Expression condition = WhereText.parse(deleteWhen, merge.columns());
        merge.whenMatched(condition).delete().whenNotMatched(condition).ignore();
      }
      switch (whenMatched) {
        case UPDATE -> merge.whenMatched().updateAll();
        case DELETE -> merge.whenMatched().delete();
        case IGNORE -> {}
      }
      if (whenNotMatched == WhenNotMatched.INSERT) {
        merge.whenNotMatched().insertAll();
      }
      ChangeReceipt change = dryRun.on ? merge.dryRun() : merge.run();
      RowChangeText.tell(table.name, dryRun, change, session);
    }
  }
}
