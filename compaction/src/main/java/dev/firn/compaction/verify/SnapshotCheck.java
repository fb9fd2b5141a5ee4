package dev.firn.compaction.verify;

import dev.firn.compaction.verify.Finding.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;

/** What has to hold among the live files of one snapshot. Confined to one thread. */
final class SnapshotCheck {
  private final Snapshot snapshot;
  private final Findings findings;
  private final String where;
  private final Set<String> keys = new HashSet<>();
  private final Set<String> data = new HashSet<>();
  private final List<Entry> vectors = new ArrayList<>();
  private final List<Entry> numbered = new ArrayList<>();
  private final Set<String> vectored = new HashSet<>();
  private long dataFiles;
  private long deleteFiles;
  private long rows;
  private long positions;
  private long equalities;
  private long bytes;

  SnapshotCheck(Snapshot snapshot, Findings findings) {
    this.snapshot = snapshot;
    this.findings = findings;
    String list = snapshot.manifestListLocation();
    this.where = list == null ? "snapshot " + snapshot.snapshotId() : list;
  }

  void add(Entry entry) {
    bytes += entry.bytes();
    if (!keys.add(entry.key())) {
      findings.add(Kind.DUPLICATE_ENTRY, entry.location(), named(), "one live entry", "several");
    }
    if (entry.isData()) {
      dataFiles++;
      rows += entry.rows();
      data.add(entry.location());
      if (entry.firstRowId() != null) {
        numbered.add(entry);
      }
      return;
    }
    deleteFiles++;
    if (entry.content() == FileContent.EQUALITY_DELETES) {
      equalities += entry.rows();
      return;
    }
    positions += entry.rows();
    if (entry.referenced() != null) {
      vectors.add(entry);
    }
  }

  private String named() {
    return "snapshot " + snapshot.snapshotId();
  }

  /** To be called when all manifests were read. {@code nextRowId} is the table's. */
  void end(long nextRowId) {
    totals();
    for (Entry delete : vectors) {
      String target = delete.referenced();
      if (!data.contains(target)) {
        findings.add(
            Kind.DANGLING_DELETE, delete.location(), named(), "a live data file", "" + target);
      }
      boolean vector = !delete.key().equals(delete.location());
      if (vector && !vectored.add("" + target)) {
        findings.add(
            Kind.DUPLICATE_VECTOR,
            delete.location(),
            named(),
            "one vector of " + target,
            "several");
      }
    }
    rowIds(nextRowId);
  }

  private void rowIds(long nextRowId) {
    numbered.sort(Comparator.comparing(Entry::firstRowId));
    long free = 0;
    for (Entry file : numbered) {
      Long first = file.firstRowId();
      long start = first == null ? 0 : first;
      if (start < free) {
        findings.add(
            Kind.ROW_ID_RANGE, file.location(), named(), "a first row id from " + free, start);
      }
      free = Math.max(free, start + file.rows());
      if (start + file.rows() > nextRowId) {
        findings.add(
            Kind.ROW_ID_RANGE,
            file.location(),
            named(),
            "row ids below the table's next, " + nextRowId,
            start + file.rows() - 1);
      }
    }
  }

  private void totals() {
    Map<String, String> summary = snapshot.summary();
    if (summary == null) {
      return;
    }
    total(summary, SnapshotSummary.TOTAL_DATA_FILES_PROP, dataFiles);
    total(summary, SnapshotSummary.TOTAL_DELETE_FILES_PROP, deleteFiles);
    total(summary, SnapshotSummary.TOTAL_RECORDS_PROP, rows);
    total(summary, SnapshotSummary.TOTAL_POS_DELETES_PROP, positions);
    total(summary, SnapshotSummary.TOTAL_EQ_DELETES_PROP, equalities);
    total(summary, SnapshotSummary.TOTAL_FILE_SIZE_PROP, bytes);
  }

  private void total(Map<String, String> summary, String key, long counted) {
    String recorded = summary.get(key);
    if (recorded != null && !recorded.equals(Long.toString(counted))) {
      findings.add(Kind.SUMMARY_TOTAL, where, named() + ", " + key, recorded, counted);
    }
  }
}
