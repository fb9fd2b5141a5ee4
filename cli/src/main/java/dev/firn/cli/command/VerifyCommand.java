package dev.firn.cli.command;

import dev.firn.LakeTable;
import dev.firn.cli.output.Column;
import dev.firn.cli.output.RowPrinter;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Progress;
import dev.firn.cli.run.Session;
import dev.firn.compaction.verify.Finding;
import dev.firn.compaction.verify.Verification;
import dev.firn.compaction.verify.VerificationReport;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "verify",
    description = {
      "Check that every file of a table is there, readable, and holds what is recorded of it.",
      "Nothing is changed. The exit code is 5 where something is damaged."
    },
    footer = {
      "Examples:",
      "  firn verify shop.orders",
      "  firn verify shop.orders --deep --all-snapshots",
      "  firn verify shop.orders --ref audit --sample 100 -o json"
    })
final class VerifyCommand implements FirnCommand {
  private static final long UNKNOWN = -1;

  @Mixin TableParameter table = new TableParameter();

  @ArgGroup(exclusive = true)
  Which which = new Which();

  /** At most one of them. */
  static final class Which {
    @Option(names = "--all-snapshots", description = "Every retained snapshot.")
    boolean all;

    @Option(names = "--snapshot", paramLabel = "ID", description = "One snapshot.")
    @Nullable Long snapshot;

    @Option(names = "--ref", paramLabel = "NAME", description = "A branch's head, or a tag.")
    @Nullable String ref;
  }

  @ArgGroup(exclusive = true)
  Depth depth = new Depth();

  /** At most one of them. */
  static final class Depth {
    @Option(
        names = "--deep",
        description = "Read every file, and compute the content hashes of rewrites again.")
    boolean deep;

    @Option(
        names = "--sample",
        paramLabel = "N",
        description = "How many data files, and delete files, are read (default: 8).")
    @Nullable Integer sample;
  }

  @Override
  public void run(Session session) {
    VerificationReport report = verify(session);
    try (RowPrinter rows =
        session.rows(
            List.of(
                Column.text("severity"),
                Column.text("finding"),
                Column.text("file"),
                Column.text("detail"),
                Column.text("expected"),
                Column.text("got"),
                Column.text("remedy")))) {
      report.findings().forEach(each -> print(each, rows));
    }
    session.message(
        "%s in %s: %d snapshots, %d manifests, %d data and %d delete files, of which %d were read (%,d rows)"
            .formatted(
                report.allFindings() == 0 ? "Nothing wrong" : report.allFindings() + " findings",
                table.name,
                report.snapshots(),
                report.manifests(),
                report.dataFiles(),
                report.deleteFiles(),
                report.filesRead(),
                report.rowsRead()));
    if (report.damaged()) {
      throw new FirnException(
          ErrorKind.CORRUPT,
          "Cannot vouch for %s: it is damaged, as the findings say; each names what mends it"
              .formatted(table.name));
    }
  }

  private VerificationReport verify(Session session) {
    LakeTable lakeTable = session.table(table.name);
    Verification verification = lakeTable.verify();
    if (which.all) {
      verification = verification.allSnapshots();
    } else if (which.snapshot != null) {
      verification = verification.snapshot(which.snapshot);
    } else if (which.ref != null) {
      verification = verification.ref(which.ref);
    }
    if (depth.deep) {
      verification = verification.deep();
    } else if (depth.sample != null) {
      verification = verification.sample(depth.sample);
    }
    try (Progress progress = session.progress("Verifying", UNKNOWN)) {
      return verification.progress(progress::update).run();
    }
  }

  private static void print(Finding finding, RowPrinter rows) {
    rows.row(
        List.of(
            finding.severity().name().toLowerCase(Locale.ROOT),
            finding.kind().name().toLowerCase(Locale.ROOT),
            finding.file(),
            finding.detail(),
            finding.expected(),
            finding.got(),
            finding.remedy()));
  }
}
