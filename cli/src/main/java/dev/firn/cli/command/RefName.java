package dev.firn.cli.command;

import dev.firn.LakeTable;
import dev.firn.RefInfo;
import dev.firn.cli.output.Column;
import dev.firn.cli.output.RowPrinter;
import dev.firn.cli.run.Session;
import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.util.List;
import picocli.CommandLine.Parameters;

/** A branch or tag that exists. Filled by picocli. */
final class RefName {
  @Parameters(index = "0", paramLabel = "TABLE", description = "The table, as NAMESPACE.TABLE.")
  String table = "";

  @Parameters(index = "1", paramLabel = "NAME", description = "The branch or tag.")
  String name = "";

  /** Checks that it is there, so that a dry run and a question tell the truth. */
  long require(LakeTable lakeTable, boolean branch) {
    List<RefInfo> refs = of(lakeTable, branch);
    return refs.stream()
        .filter(ref -> ref.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                FirnException.notFound(
                    "Cannot find %s '%s' of %s%s"
                        .formatted(
                            branch ? "branch" : "tag",
                            name,
                            table,
                            NearMatch.hint(name, refs.stream().map(RefInfo::name).toList()))))
        .snapshotId();
  }

  static List<RefInfo> of(LakeTable lakeTable, boolean branch) {
    return lakeTable.refs().stream().filter(ref -> ref.branch() == branch).toList();
  }

  static void print(List<RefInfo> refs, Session session) {
    try (RowPrinter rows =
        session.rows(List.of(Column.text("name"), Column.number("snapshot_id")))) {
      refs.forEach(ref -> rows.row(List.of(ref.name(), ref.snapshotId())));
    }
  }
}
