package dev.firn.cli.command;

import dev.firn.SortTerm;
import dev.firn.Terms;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands below {@code evolve} that change how files are laid out from now on. */
final class EvolveLayout {
  private EvolveLayout() {}

  @Command(
      name = "partition",
      description = "Add and drop partition fields, for files written from now on.",
      footer = {
        "Examples:",
        "  firn evolve partition shop.orders --add \"bucket(16, customer)\"",
        "  firn evolve partition shop.orders --drop \"day(ordered_at)\" --add \"month(ordered_at)\""
      })
  static final class Partition implements FirnCommand {
    @Mixin TableParameter table = new TableParameter();
    @Mixin DryRunOption dryRun = new DryRunOption();

    @Option(names = "--add", paramLabel = "TERM", description = "A field to add; repeatable.")
    List<String> add = new ArrayList<>();

    @Option(names = "--drop", paramLabel = "TERM", description = "A field to drop; repeatable.")
    List<String> drop = new ArrayList<>();

    @Override
    public void run(Session session) {
      if (add.isEmpty() && drop.isEmpty()) {
        throw FirnException.invalid(
            "Cannot change the partition spec of %s: expected --add TERM or --drop TERM"
                .formatted(table.name));
      }
      Evolution.apply(
          session,
          table.name,
          dryRun,
          evolution -> {
            drop.forEach(term -> evolution.dropPartition(Terms.parse(term)));
            add.forEach(term -> evolution.addPartition(Terms.parse(term)));
          },
          after ->
              Evolution.listed(
                  "partitioned by", TableDescription.partitions(after.spec()), "unpartitioned"));
    }
  }

  @Command(
      name = "sort",
      description = "Replace the sort order, for files written from now on.",
      footer = {
        "Examples:",
        "  firn evolve sort shop.orders customer \"ordered_at desc nulls last\"",
        "  firn evolve sort shop.orders --none"
      })
  static final class Sort implements FirnCommand {
    @Mixin TableParameter table = new TableParameter();
    @Mixin DryRunOption dryRun = new DryRunOption();

    @Parameters(
        index = "1..*",
        arity = "0..*",
        paramLabel = "TERM",
        description = "What to sort by, with asc|desc [nulls first|last].")
    List<String> terms = new ArrayList<>();

    @Option(names = "--none", description = "Leave files unsorted.")
    boolean none;

    @Override
    public void run(Session session) {
      if (terms.isEmpty() != none) {
        throw FirnException.invalid(
            "Cannot change the sort order of %s: expected terms, or --none".formatted(table.name));
      }
      Evolution.apply(
          session,
          table.name,
          dryRun,
          evolution ->
              evolution.sortBy(terms.stream().map(SortTerm::parse).toArray(SortTerm[]::new)),
          after ->
              Evolution.listed("sorted by", TableDescription.sort(after.sortOrder()), "unsorted"));
    }
  }

  @Command(
      name = "key",
      description = "Set the columns whose values name a row; they must be required.",
      footer = {
        "Examples:",
        "  firn evolve key shop.orders id",
        "  firn evolve key shop.orders --none"
      })
  static final class Key implements FirnCommand {
    @Mixin TableParameter table = new TableParameter();
    @Mixin DryRunOption dryRun = new DryRunOption();

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "COLUMN", description = "The columns.")
    List<String> columns = new ArrayList<>();

    @Option(names = "--none", description = "Leave the table without a key.")
    boolean none;

    @Override
    public void run(Session session) {
      if (columns.isEmpty() != none) {
        throw FirnException.invalid(
            "Cannot change the key of %s: expected columns, or --none".formatted(table.name));
      }
      Evolution.apply(
          session,
          table.name,
          dryRun,
          evolution -> evolution.key(columns.toArray(String[]::new)),
          after -> Evolution.listed("key", Evolution.key(after), "no key"));
    }
  }
}
