package dev.firn.compaction.verify;

import dev.firn.compaction.verify.Finding.Kind;
import dev.firn.format.write.DeleteFileReads;
import dev.firn.scan.PositionDeleteRows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.TypeUtil;

/** Reads delete files and compares what they say with what is recorded. Thread-safe. */
final class DeleteFileCheck {
  private static final int BETWEEN_CHECKS = 4096;

  private final Table table;
  private final Map<String, Long> rowsOf;
  private final Findings findings;
  private final BooleanSupplier stop;
  private final PositionDeleteRows positions;

  /** {@code rowsOf} is how many rows the data files have that are reached. */
  DeleteFileCheck(Table table, Map<String, Long> rowsOf, Findings findings, BooleanSupplier stop) {
    this.table = table;
    this.rowsOf = rowsOf;
    this.findings = findings;
    this.stop = stop;
    this.positions = new PositionDeleteRows(table);
  }

  void check(DeleteFile file) {
    long count = file.content() == FileContent.EQUALITY_DELETES ? equality(file) : positions(file);
    findings.require(Kind.DELETE_COUNT, file.location(), "rows", file.recordCount(), count);
  }

  private long positions(DeleteFile file) {
    long count = 0;
    boolean bad = false;
    String last = null;
    Long rows = null;
    Set<String> targets = new HashSet<>();
    try (CloseableIterable<Record> deletes = positions.open(file, List.of())) {
      for (Record delete : deletes) {
        ended(count++);
        String target = String.valueOf(delete.get(0));
        long position = (long) delete.get(1);
        if (!target.equals(last)) {
          last = target;
          rows = rowsOf.get(target);
          targets.add(target);
        }
        if (!bad && (position < 0 || rows != null && position >= rows)) {
          bad = true;
          findings.add(
              Kind.DELETE_POSITION, file.location(), target, "positions below " + rows, position);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!Entry.isVector(file)
        && Entry.of(file).referenced() == null
        && targets.stream().noneMatch(rowsOf::containsKey)) {
      findings.add(
          Kind.DANGLING_DELETE,
          file.location(),
          "",
          "some live data file",
          targets.size() + " gone");
    }
    return count;
  }

  private long equality(DeleteFile file) {
    List<Integer> ids = file.equalityFieldIds();
    Schema keys = keys(new HashSet<>(ids == null ? List.of() : ids));
    if (ids == null || ids.isEmpty() || TypeUtil.getProjectedIds(keys).size() < ids.size()) {
      findings.add(Kind.UNREADABLE, file.location(), "equality ids", "columns of the table", ids);
      return file.recordCount();
    }
    long count = 0;
    try (CloseableIterable<Record> rows =
        FormatModelRegistry.<Record, Object>readBuilder(
                file.format(), Record.class, DeleteFileReads.open(table.io(), file))
            .project(keys)
            .build()) {
      for (Record unused : rows) {
        ended(count++);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return count;
  }

  /** Of the current schema, or of the last one that has them all. */
  private Schema keys(Set<Integer> ids) {
    Schema keys = TypeUtil.select(table.schema(), ids);
    for (Schema schema : table.schemas().values()) {
      if (TypeUtil.getProjectedIds(keys).containsAll(ids)) {
        break;
      }
      keys = TypeUtil.select(schema, ids);
    }
    return keys;
  }

  private void ended(long rows) {
    if (rows % BETWEEN_CHECKS == 0 && stop.getAsBoolean()) {
      throw new CancellationException("The verification was stopped");
    }
  }
}
