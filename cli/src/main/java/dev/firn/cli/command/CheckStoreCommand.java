package dev.firn.cli.command;

import dev.firn.Settings;
import dev.firn.cli.output.Column;
import dev.firn.cli.output.RowPrinter;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.Locations;
import dev.firn.storage.probe.ProbeResult;
import dev.firn.storage.probe.StoreCheck;
import dev.firn.storage.scheme.SchemeFileIO;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "check-store",
    description =
        "Try what Firn needs of a store, with files in a new directory that it removes again.",
    footer = {
      "Examples:",
      "  firn check-store",
      "  firn check-store s3://bucket/lake --property s3.endpoint=http://minio:9000"
    })
final class CheckStoreCommand implements FirnCommand {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "URI",
      description = "Where to try; the warehouse by default.")
  @Nullable String location;

  @Override
  public void run(Session session) {
    Settings settings = session.settings();
    String place = location == null ? settings.warehouse() : Locations.parse(location);
    List<ProbeResult> results;
    try (SchemeFileIO files = new SchemeFileIO()) {
      files.initialize(settings.properties());
      results = new StoreCheck(files.storeOf(place), place, session.clock()).run();
    }
    print(results, session);
    results.stream().filter(ProbeResult::prevents).findFirst().ifPresent(bad -> refuse(bad, place));
    session.message("Firn can use " + place);
  }

  private static void print(List<ProbeResult> results, Session session) {
    try (RowPrinter rows =
        session.rows(
            List.of(
                Column.text("feature"),
                Column.text("needed"),
                Column.text("status"),
                Column.text("detail")))) {
      for (ProbeResult result : results) {
        rows.row(
            List.of(
                result.feature(),
                result.needed() ? "yes" : "no",
                result.status().name().toLowerCase(Locale.ROOT),
                result.detail()));
      }
    }
  }

  private static void refuse(ProbeResult bad, String place) {
    ErrorKind kind = bad.kind() == null ? ErrorKind.INVALID : bad.kind();
    throw new FirnException(
        kind,
        "Cannot use store: %s is %s, expected it to work [%s]"
            .formatted(bad.feature(), bad.status().name().toLowerCase(Locale.ROOT), place));
  }
}
