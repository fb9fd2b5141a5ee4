package dev.firn.cli.command;

import picocli.CommandLine.Command;

@Command(
    name = "evolve",
    description =
        "Change a table's columns, partition spec, sort order or properties. No data file is rewritten. Nested columns are named a.b, list elements a.element, map values a.value.",
    subcommands = {
      EvolveColumns.Add.class,
      EvolveColumns.Drop.class,
      EvolveColumns.Rename.class,
      EvolveColumns.Widen.class,
      EvolveColumns.Optional.class,
      EvolveColumns.Move.class,
      EvolveLayout.Partition.class,
      EvolveLayout.Sort.class,
      EvolveLayout.Key.class,
      EvolveProperties.class
    },
    footer = {
      "Examples:",
      "  firn evolve add shop.orders discount \"decimal(5,2)\" --after total",
      "  firn evolve rename shop.orders customer.name full_name",
      "  firn evolve widen shop.orders quantity bigint --dry-run",
      "  firn evolve partition shop.orders --drop \"day(ordered_at)\" --add \"month(ordered_at)\"",
      "  firn evolve sort shop.orders customer \"ordered_at desc\"",
      "  firn evolve properties shop.orders --set firn.maintenance.enabled=false"
    })
final class EvolveCommand {
  EvolveCommand() {}
}
