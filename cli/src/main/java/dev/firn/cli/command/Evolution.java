package dev.firn.cli.command;

import dev.firn.LakeTable;
import dev.firn.TableEvolution;
import dev.firn.cli.run.Session;
import dev.firn.ingest.SchemaText;
import java.util.function.Consumer;

/** Applies a change of a table's shape, or shows what it would become, and tells of it. */
final class Evolution {
  private Evolution() {}

  static void apply(
      Session session, String name, DryRunOption dryRun, Consumer<TableEvolution> change) {
    LakeTable table = session.table(name);
    TableEvolution evolution = table.evolve();
    change.accept(evolution);
    TableEvolution.Preview after = evolution.preview();
    if (!dryRun.on) {
      evolution.commit();
    }
    String schema = SchemaText.format(after.schema());
    session.result(
        "%s %s: %s".formatted(dryRun.on ? "Would change" : "Changed", name, schema),
        Result.of(name, dryRun)
            .with("schema", schema)
            .with("partition_spec", TableDescription.partitions(after.spec()))
            .with("sort_order", TableDescription.sort(after.sortOrder()))
            .map());
  }
}
