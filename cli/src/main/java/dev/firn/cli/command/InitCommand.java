package dev.firn.cli.command;

import dev.firn.Lakehouse;
import dev.firn.Settings;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import java.util.Map;
import picocli.CommandLine.Command;

@Command(
    name = "init",
    description = "Make a warehouse: a catalog and a place for tables. Harmless where it exists.",
    footer = {
      "Examples:",
      "  firn init",
      "  firn init --warehouse /data/lake",
      "  firn init --warehouse s3://bucket/lake --catalog jdbc:postgresql://db/lake"
    })
final class InitCommand implements FirnCommand {
  @Override
  public void run(Session session) {
    Settings settings = session.settings();
    Lakehouse lake = session.createLake();
    int tables = lake.tables().size();
    session.result(
        "Ready: %s, %d tables".formatted(settings.warehouse(), tables),
        Map.of("warehouse", settings.warehouse(), "tables", tables));
  }
}
