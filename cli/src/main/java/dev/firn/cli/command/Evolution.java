package dev.firn.cli.command;

import dev.firn.LakeTable;
import dev.firn.TableEvolution;
import dev.firn.cli.run.Session;
import dev.firn.ingest.SchemaText;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** Applies a change of a table's shape, or shows what it would become, and tells of it. */
final class Evolution {
  private Evolution() {}

  /** Changes columns, and shows them. */
  static void apply(
      Session session, String name, DryRunOption dryRun, Consumer<TableEvolution> change) {
    apply(session, name, dryRun, change, after -> SchemaText.format(after.schema()));
  }

  /** Changes something, and shows what {@code changed} makes of the shape after it. */
  static void apply(
      Session session,
      String name,
      DryRunOption dryRun,
      Consumer<TableEvolution> change,
      Function<TableEvolution.Preview, String> changed) {
    LakeTable table = session.table(name);
    TableEvolution evolution = table.evolve();
    change.accept(evolution);
    TableEvolution.Preview after = evolution.preview();
    if (!dryRun.on) {
      evolution.commit();
    }
    session.result(
        "%s %s: %s".formatted(dryRun.on ? "Would change" : "Changed", name, changed.apply(after)),
        Result.of(name, dryRun)
            .with("schema", SchemaText.format(after.schema()))
            .with("partition_spec", TableDescription.partitions(after.spec()))
            .with("sort_order", TableDescription.sort(after.sortOrder()))
            .with("key", key(after))
            .map());
  }

  static List<String> key(TableEvolution.Preview shape) {
    return shape.schema().identifierFieldNames().stream().sorted().toList();
  }

  /** {@code "key id, region"}, or what stands for an empty list. */
  static String listed(String what, List<String> terms, String none) {
    return terms.isEmpty() ? none : what + " " + String.join(", ", terms);
  }
}
