package dev.firn.cli.command;

import dev.firn.cli.output.Column;
import dev.firn.cli.output.OutputFormat;
import dev.firn.cli.output.RowPrinter;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.compaction.policy.Diagnosis;
import dev.firn.compaction.policy.DueWork;
import dev.firn.compaction.policy.Finding;
import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "doctor",
    description = {
      "Say how healthy a table is, why, and the command that mends each finding. Reads metadata alone.",
      "The score is 100 less what the findings take off: A from 90, B from 80, C from 65, D from 50."
    },
    footer = {
      "Examples:",
      "  firn doctor shop.orders",
      "  firn doctor shop.orders --output json",
      "  firn doctor shop.orders --check || firn maintain shop.orders --once"
    })
final class DoctorCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();

  @Option(names = "--check", description = "Fail with exit code 2 where the grade is below B.")
  boolean check;

  @Override
  public void run(Session session) {
    session.table(table.name);
    Diagnosis diagnosis = session.lake().maintenance().examine(table.name);
    List<Finding> findings = new ArrayList<>(diagnosis.findings());
    OrphanFinding.of(session, table.name).ifPresent(findings::add);
    if (session.output().format() == OutputFormat.JSON) {
      session.output().result(object(diagnosis, findings));
    } else {
      print(findings, session);
    }
    session.message(
        "%s: grade %s, score %d%s"
            .formatted(
                table.name,
                diagnosis.grade(),
                diagnosis.score(),
                findings.isEmpty() ? "; nothing to mend" : ""));
    if (check && !diagnosis.healthy()) {
      session.flush();
      throw FirnException.invalid(
          "Cannot call %s healthy: its grade is %s, expected A or B; run the commands above, or 'firn maintain %s --once'"
              .formatted(table.name, diagnosis.grade(), table.name));
    }
  }

  private static void print(List<Finding> findings, Session session) {
    try (RowPrinter rows =
        session.rows(
            List.of(
                Column.text("finding"),
                Column.number("penalty"),
                Column.text("why"),
                Column.text("mend")))) {
      for (Finding each : findings) {
        rows.row(List.of(each.what(), each.penalty(), each.why(), each.command()));
      }
    }
  }

  private Map<String, @Nullable Object> object(Diagnosis diagnosis, List<Finding> findings) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("table", table.name);
    object.put("grade", diagnosis.grade());
    object.put("score", diagnosis.score());
    object.put("healthy", diagnosis.healthy());
    object.put("data_files", diagnosis.health().files());
    object.put("small_files", diagnosis.health().smallFiles());
    object.put("delete_files", diagnosis.health().deleteFiles());
    object.put("manifests", diagnosis.health().manifests());
    object.put("snapshots", diagnosis.health().snapshots());
    object.put("partitions", diagnosis.health().partitions().size());
    object.put("findings", findings.stream().map(DoctorCommand::object).toList());
    object.put("due", diagnosis.due().stream().map(DoctorCommand::object).toList());
    return object;
  }

  private static Map<String, Object> object(Finding finding) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("finding", finding.what());
    object.put("penalty", finding.penalty());
    object.put("why", finding.why());
    object.put("mend", finding.command());
    return object;
  }

  private static Map<String, Object> object(DueWork work) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("work", work.kind().word());
    object.put("reason", work.reason());
    object.put("gain", work.gain());
    return object;
  }
}
