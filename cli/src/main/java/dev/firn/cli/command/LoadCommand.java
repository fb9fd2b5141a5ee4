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
    name = "load",
    description =
        "Load CSV, JSON, NDJSON, Parquet or Arrow files into a table, as one snapshot. Creates the table, or appends to it.",
    footer = {
      "Examples:",
      "  firn load shop.orders orders.csv",
      "  firn load shop.orders \"exports/**/*.parquet\" --partition \"day(ordered_at)\" --sort id",
      "  curl https://example.org/quakes.json | firn load geo.quakes -",
      "  firn load shop.orders more.csv --evolve --on-error quarantine",
      "  firn load shop.orders orders.csv --dry-run"
    })
final class LoadCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();
  @Mixin ReadingOptions reading = new ReadingOptions();
  @Mixin LayoutOptions layout = new LayoutOptions();
  @Mixin DryRunOption dryRun = new DryRunOption();

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "FILE",
      description = "Files, directories, globs, or - for stdin.")
  List<String> inputs = new ArrayList<>();

  @Override
  public void run(Session session) {
    LoadRequest request = reading.request(table.name, inputs, session);
    if (layout.given()) {
      request = request.layout(layout.layout(table.name));
    }
    if (dryRun.on) {
      Loading.dryRun(session.lakeIfPresent(), request, session);
    } else {
      Loading.run(session.createLake(), request, session);
    }
  }
}
