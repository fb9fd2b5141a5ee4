package dev.firn.cli.command;

import dev.firn.LakeTable;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.compaction.GradedRetention;
import dev.firn.compaction.maintain.Retention;
import dev.firn.compaction.plan.Criteria;
import dev.firn.compaction.policy.MaintenancePolicy;
import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "properties",
    description =
        "Set and drop table properties, Iceberg's and firn.*. 'firn describe TABLE' shows them.",
    footer = {
      "Examples:",
      "  firn evolve properties shop.orders --set firn.maintenance.quiet-hours=08:00-18:00",
      "  firn evolve properties shop.orders --set firn.retention.column=ordered_at \\",
      "      --set firn.retention.age=30d --drop firn.maintenance.enabled"
    })
final class EvolveProperties implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();
  @Mixin DryRunOption dryRun = new DryRunOption();

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "A property; repeatable.")
  Map<String, String> set = new LinkedHashMap<>();

  @Option(names = "--drop", paramLabel = "KEY", description = "One to drop; repeatable.")
  List<String> drop = new ArrayList<>();

  @Override
  public void run(Session session) {
    if (set.isEmpty() && drop.isEmpty()) {
      throw FirnException.invalid(
          "Cannot change the properties of %s: expected --set KEY=VALUE or --drop KEY"
              .formatted(table.name));
    }
    LakeTable lakeTable = session.table(table.name);
    Map<String, String> after = new TreeMap<>(lakeTable.iceberg().properties());
    drop.forEach(key -> drop(key, after));
    after.putAll(set);
    if (!set.isEmpty()) {
      check(table.name, after);
    }
    if (!dryRun.on) {
      Set<String> removed = new TreeSet<>(drop);
      removed.removeAll(set.keySet());
      lakeTable.changeProperties(set, removed);
    }
    List<String> changes = new ArrayList<>();
    set.forEach((key, value) -> changes.add(key + " = " + value));
    drop.forEach(key -> changes.add("no " + key));
    session.result(
        "%s %s: %s"
            .formatted(
                dryRun.on ? "Would change" : "Changed", table.name, String.join(", ", changes)),
        Result.of(table.name, dryRun).with("properties", after).map());
  }

  private void drop(String key, Map<String, String> properties) {
    if (properties.remove(key) == null) {
      throw FirnException.invalid(
          "Cannot drop a property of %s: it has no '%s'%s"
              .formatted(table.name, key, NearMatch.hint(key, properties.keySet())));
    }
  }

  /** Refuses now what maintenance and compaction could not read later. */
  static void check(String table, Map<String, String> properties) {
    var unusedPolicy = MaintenancePolicy.of(properties);
    var unusedCriteria = Criteria.of(properties);
    var unusedRetention = Retention.of(table, properties);
    var unusedGrades = GradedRetention.of(properties);
  }
}
