package dev.firn.cli.command;

import dev.firn.cli.quickstart.Quickstart;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.error.FirnException;
import dev.firn.storage.Locations;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "quickstart",
    description =
        "Tell the whole story on generated TPC-H data: load, stream, delete, evolve, time travel, compact, expire; each step checked against the generator.",
    footer = {
      "It makes the tables tpch.orders and tpch.lineitem, and replaces those of an earlier run.",
      "Examples:",
      "  firn quickstart",
      "  firn quickstart --scale 0.01 --warehouse demo",
      "  firn quickstart --warehouse s3://bucket/demo --catalog jdbc:sqlite:demo.db"
    })
final class QuickstartCommand implements FirnCommand {
  private static final double LARGEST = 100;

  @Option(
      names = "--scale",
      paramLabel = "FACTOR",
      description = "TPC-H scale factor (default ${DEFAULT-VALUE}: 150,000 orders).")
  double scale = 0.1;

  @Override
  public void run(Session session) {
    if (!(scale > 0 && scale <= LARGEST)) {
      throw FirnException.invalid(
          "Cannot run the quickstart: --scale must be above 0 and at most %.0f, got %s"
              .formatted(LARGEST, scale));
    }
    String warehouse = session.settings().warehouse();
    Quickstart quickstart =
        new Quickstart(
            session.createLake(),
            scale,
            listener(session),
            place(session),
            session::checkInterrupted);
    int checks = quickstart.run();
    session.result(
        "The quickstart is done: %d checks held".formatted(checks),
        Map.of("warehouse", warehouse, "scale", scale, "checks", checks));
  }

  /**
   * Returns the options that other commands need to find the tables: without what a catalog's URI
   * may hold of users and passwords, and without properties, which may be secrets.
   */
  private static String place(Session session) {
    String warehouse = session.settings().warehouse();
    String catalog = session.settings().catalogWithoutSecrets();
    boolean usual = warehouse.equals(Locations.of(session.host().directory().resolve("warehouse")));
    return (usual ? "" : " --warehouse " + warehouse)
        + (catalog == null ? "" : " --catalog " + catalog);
  }

  /** The story is the command's output, unless a program reads that. */
  private static PrintStream listener(Session session) {
    if (session.quiet()) {
      return new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    }
    return session.machineReadable()
        ? session.host().err()
        : new PrintStream(session.host().out(), true, StandardCharsets.UTF_8);
  }
}
