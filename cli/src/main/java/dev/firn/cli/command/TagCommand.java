package dev.firn.cli.command;

import dev.firn.LakeTable;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "tag",
    description = "Make, list and drop tags: names of snapshots, which do not expire while tagged.",
    subcommands = {TagCommand.Create.class, TagCommand.ListThem.class, TagCommand.Drop.class},
    footer = {
      "Examples:",
      "  firn tag create shop.orders before-migration",
      "  firn tag create shop.orders q1 --at 4358109269724410237",
      "  firn scan shop.orders --tag q1",
      "  firn tag drop shop.orders q1 --yes"
    })
final class TagCommand {
  TagCommand() {}

  @Command(name = "create", description = "Tag main's head, or a snapshot.")
  static final class Create implements FirnCommand {
    @Mixin RefTarget target = new RefTarget();

    @Override
    public void run(Session session) {
      LakeTable table = session.table(target.table);
      Long snapshot = target.snapshot;
      if (snapshot == null) {
        table.tag(target.name);
      } else {
        table.tag(target.name, snapshot);
      }
      session.result(
          "Tagged %s as %s".formatted(target.table, target.name),
          Result.of(target.table).with("tag", target.name).with("snapshot_id", snapshot).map());
    }
  }

  @Command(name = "list", description = "List the tags of a table.")
  static final class ListThem implements FirnCommand {
    @Mixin TableParameter table = new TableParameter();

    @Override
    public void run(Session session) {
      RefName.print(RefName.of(session.table(table.name), false), session);
    }
  }

  @Command(name = "drop", description = "Drop a tag; its snapshot may expire then.")
  static final class Drop implements FirnCommand {
    @Mixin RefName tag = new RefName();
    @Mixin DryRunOption dryRun = new DryRunOption();

    @Override
    public void run(Session session) {
      LakeTable table = session.table(tag.table);
      long snapshot = tag.require(table, false);
      String what = "tag %s of %s".formatted(tag.name, tag.table);
      if (!dryRun.on) {
        session.confirm("drop " + what, "its snapshot may expire then");
        table.dropTag(tag.name);
      }
      session.result(
          (dryRun.on ? "Would drop " : "Dropped ") + what,
          Result.of(tag.table, dryRun).with("tag", tag.name).with("snapshot_id", snapshot).map());
    }
  }
}
