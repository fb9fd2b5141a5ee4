package dev.firn.cli.command;

import dev.firn.LakeTable;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "branch",
    description = "Make, list, move and drop branches: lines of snapshots beside main.",
    subcommands = {
      BranchCommand.Create.class,
      BranchCommand.ListThem.class,
      BranchCommand.FastForward.class,
      BranchCommand.Drop.class
    },
    footer = {
      "Examples:",
      "  firn branch create shop.orders audit",
      "  firn scan shop.orders --branch audit",
      "  firn branch fast-forward shop.orders main --to audit",
      "  firn branch drop shop.orders audit --yes"
    })
final class BranchCommand {
  BranchCommand() {}

  @Command(name = "create", description = "Make a branch at main's head, or at a snapshot.")
  static final class Create implements FirnCommand {
    @Mixin RefTarget target = new RefTarget();

    @Override
    public void run(Session session) {
      LakeTable table = session.table(target.table);
      Long snapshot = target.snapshot;
      if (snapshot == null) {
        table.branch(target.name);
      } else {
        table.branch(target.name, snapshot);
      }
      session.result(
          "Created branch %s of %s".formatted(target.name, target.table),
          Result.of(target.table).with("branch", target.name).with("snapshot_id", snapshot).map());
    }
  }

  @Command(name = "list", description = "List the branches of a table.")
  static final class ListThem implements FirnCommand {
    @Mixin TableParameter table = new TableParameter();

    @Override
    public void run(Session session) {
      RefName.print(RefName.of(session.table(table.name), true), session);
    }
  }

  @Command(
      name = "fast-forward",
      description = "Move a branch to the head of another one that continues it.")
  static final class FastForward implements FirnCommand {
    @Mixin RefName branch = new RefName();

    @Option(
        names = "--to",
        required = true,
        paramLabel = "BRANCH",
        description = "The branch that it moves to.")
    String to = "";

    @Override
    public void run(Session session) {
      session.table(branch.table).fastForward(branch.name, to);
      session.result(
          "Moved branch %s of %s to %s".formatted(branch.name, branch.table, to),
          Result.of(branch.table).with("branch", branch.name).with("to", to).map());
    }
  }

  @Command(name = "drop", description = "Drop a branch; snapshots that nothing else names expire.")
  static final class Drop implements FirnCommand {
    @Mixin RefName branch = new RefName();
    @Mixin DryRunOption dryRun = new DryRunOption();

    @Override
    public void run(Session session) {
      LakeTable table = session.table(branch.table);
      long snapshot = branch.require(table, true);
      String what = "branch %s of %s".formatted(branch.name, branch.table);
      if (!dryRun.on) {
        session.confirm("drop " + what, "what is on it alone will expire");
        table.dropBranch(branch.name);
      }
      session.result(
          (dryRun.on ? "Would drop " : "Dropped ") + what,
          Result.of(branch.table, dryRun)
              .with("branch", branch.name)
              .with("snapshot_id", snapshot)
              .map());
    }
  }
}
