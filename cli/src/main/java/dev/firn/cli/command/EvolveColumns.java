package dev.firn.cli.command;

import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.error.FirnException;
import dev.firn.ingest.SchemaText;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.types.Type;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands below {@code evolve} that change columns. */
final class EvolveColumns {
  private EvolveColumns() {}

  @Command(
      name = "add",
      description = "Add an optional column.",
      footer = {
        "Examples:",
        "  firn evolve add shop.orders note string --doc \"free text\"",
        "  firn evolve add shop.orders geo \"struct<lat: double, lon: double>\"",
        "  firn evolve add shop.orders state string --default new"
      })
  static final class Add implements FirnCommand {
    @Mixin ColumnParameters at = new ColumnParameters();

    @Parameters(index = "2", paramLabel = "TYPE", description = "Its type, such as decimal(10,2).")
    String type = "";

    @Option(
        names = "--default",
        paramLabel = "VALUE",
        description = "What rows written before have (Iceberg format version 3 only).")
    @Nullable String initial;

    @Option(names = "--doc", paramLabel = "TEXT", description = "What it means.")
    @Nullable String doc;

    @ArgGroup(exclusive = true)
    PlaceOptions place = new PlaceOptions();

    @Override
    public void run(Session session) {
      Type parsed = SchemaText.parseType(type);
      Evolution.apply(
          session,
          at.table,
          at.dryRun,
          evolution -> {
            if (initial == null) {
              evolution.addColumn(at.column, parsed);
            } else {
              evolution.addColumn(at.column, parsed, literal(initial, parsed));
            }
            if (doc != null) {
              evolution.describeColumn(at.column, doc);
            }
            place.move(evolution, at.column);
          });
    }

    private Literal<?> literal(String text, Type target) {
      Literal<?> value = null;
      try {
        value = target.isPrimitiveType() ? parse(text, target) : null;
      } catch (RuntimeException e) {
        throw bad(text, target);
      }
      if (value == null) {
        throw bad(text, target);
      }
      return value;
    }

    private static @Nullable Literal<?> parse(String text, Type target) {
      return switch (target.typeId()) {
        case BOOLEAN ->
            text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")
                ? Literal.of(Boolean.parseBoolean(text))
                : null;
        case INTEGER -> Literal.of(Integer.parseInt(text));
        case LONG -> Literal.of(Long.parseLong(text));
        case FLOAT -> Literal.of(Float.parseFloat(text));
        case DOUBLE -> Literal.of(Double.parseDouble(text));
        default -> Literal.of(text).to(target);
      };
    }

    private FirnException bad(String text, Type target) {
      return FirnException.invalid(
          "Cannot add column %s of %s: its default is no %s, got '%s'"
              .formatted(at.column, at.table, target, text));
    }
  }

  @Command(
      name = "drop",
      description = "Drop columns; their values stay readable in the past.",
      footer = {"Examples:", "  firn evolve drop shop.orders note geo.altitude --dry-run"})
  static final class Drop implements FirnCommand {
    @Mixin ColumnParameters at = new ColumnParameters();

    @Parameters(
        index = "2..*",
        arity = "0..*",
        paramLabel = "COLUMN",
        description = "More columns.")
    List<String> more = new ArrayList<>();

    @Override
    public void run(Session session) {
      Evolution.apply(
          session,
          at.table,
          at.dryRun,
          evolution -> {
            evolution.dropColumn(at.column);
            more.forEach(evolution::dropColumn);
          });
    }
  }

  @Command(
      name = "rename",
      description = "Rename a column; it stays in its struct.",
      footer = {"Examples:", "  firn evolve rename shop.orders customer.name full_name"})
  static final class Rename implements FirnCommand {
    @Mixin ColumnParameters at = new ColumnParameters();

    @Parameters(index = "2", paramLabel = "NEW", description = "The new last part of its name.")
    String to = "";

    @Override
    public void run(Session session) {
      Evolution.apply(
          session, at.table, at.dryRun, evolution -> evolution.renameColumn(at.column, to));
    }
  }

  @Command(
      name = "widen",
      description = "Widen int to bigint, float to double, or a decimal's precision.",
      footer = {"Examples:", "  firn evolve widen shop.orders quantity bigint"})
  static final class Widen implements FirnCommand {
    @Mixin ColumnParameters at = new ColumnParameters();

    @Parameters(index = "2", paramLabel = "TYPE", description = "The wider type.")
    String type = "";

    @Override
    public void run(Session session) {
      Type parsed = SchemaText.parseType(type);
      if (!parsed.isPrimitiveType()) {
        throw FirnException.invalid(
            "Cannot widen column %s of %s: expected a primitive type, got %s"
                .formatted(at.column, at.table, parsed));
      }
      Evolution.apply(
          session,
          at.table,
          at.dryRun,
          evolution -> evolution.widenColumn(at.column, parsed.asPrimitiveType()));
    }
  }

  @Command(
      name = "optional",
      description = "Let a required column be null.",
      footer = {"Examples:", "  firn evolve optional shop.orders customer"})
  static final class Optional implements FirnCommand {
    @Mixin ColumnParameters at = new ColumnParameters();

    @Override
    public void run(Session session) {
      Evolution.apply(session, at.table, at.dryRun, evolution -> evolution.makeOptional(at.column));
    }
  }

  @Command(
      name = "move",
      description = "Move a column among its siblings.",
      footer = {
        "Examples:",
        "  firn evolve move shop.orders total --first",
        "  firn evolve move shop.orders total --after customer"
      })
  static final class Move implements FirnCommand {
    @Mixin ColumnParameters at = new ColumnParameters();

    @ArgGroup(exclusive = true, multiplicity = "1")
    PlaceOptions place = new PlaceOptions();

    @Override
    public void run(Session session) {
      Evolution.apply(session, at.table, at.dryRun, evolution -> place.move(evolution, at.column));
    }
  }
}
