package dev.firn.cli.command;

import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.ingest.LoadRequest;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "append",
    description = "Add rows to a table that is there, from stdin or files, as one snapshot.",
    footer = {
      "Examples:",
      "  echo '{\"id\": 1, \"total\": 9.5}' | firn append shop.orders",
      "  firn append shop.orders today.csv --on-error quarantine"
    })
final class AppendCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();
  @Mixin ReadingOptions reading = new ReadingOptions();
  @Mixin DryRunOption dryRun = new DryRunOption();

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "FILE",
      description = "Files, directories, globs, or - for stdin (the default).")
  List<String> inputs = new ArrayList<>();

  @Override
  public void run(Session session) {
    List<String> from = inputs.isEmpty() ? List.of("-") : inputs;
    LoadRequest request = reading.request(session.table(table.name).name(), from, session);
    if (dryRun.on) {
      Loading.dryRun(session.lake(), request, session);
    } else {
      Loading.run(session.lake(), request, session);
    }
  }
}
