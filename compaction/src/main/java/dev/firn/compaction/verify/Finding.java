package dev.firn.compaction.verify;

/**
 * Something that is not as it should be.
 *
 * @param file where: the location of the file, or of the table's metadata
 * @param detail what it is about: a column, a snapshot, a partition; may be empty
 * @param expected what is recorded
 * @param got what there is
 */
public record Finding(Kind kind, String file, String detail, String expected, String got) {

  /** How bad it is. */
  public enum Severity {
    /** Readers fail, or read what was not written. */
    ERROR,
    /** Readers are right, but something is misleading, useless or slower than it has to be. */
    WARNING
  }

  /** What is wrong. */
  public enum Kind {
    MISSING_FILE(Severity.ERROR, "restore it from a backup, or roll back to a snapshot without it"),
    FILE_SIZE(Severity.ERROR, "it was replaced or cut short: restore it from a backup"),
    UNREADABLE(Severity.ERROR, "restore it from a backup, or roll back to a snapshot without it"),
    MANIFEST_COUNTS(
        Severity.ERROR, "rewrite the manifests, or roll back to a snapshot without this one"),
    DUPLICATE_ENTRY(
        Severity.ERROR,
        "its rows count twice: compact the table with --all, then delete the excess"),
    ROW_COUNT(Severity.ERROR, "counts are wrong until the file is rewritten: compact with --all"),
    NULL_COUNT(
        Severity.ERROR,
        "filters on nulls may skip the file until it is rewritten: compact with --all"),
    BOUNDS(Severity.ERROR, "filters may skip the file until it is rewritten: compact with --all"),
    PARTITION(
        Severity.ERROR,
        "filters may skip rows of the file until it is rewritten: compact with --all"),
    DELETE_COUNT(Severity.ERROR, "apply the deletes: compact with --all"),
    DELETE_POSITION(Severity.ERROR, "find out which writer made it; it names rows that never were"),
    DUPLICATE_VECTOR(Severity.ERROR, "readers may take either: compact with --all"),
    ROW_ID_RANGE(
        Severity.ERROR, "two rows may have one id: rows of later snapshots are not affected"),
    CONTENT_HASH(
        Severity.ERROR, "rows changed in a rewrite, or since: roll back to the snapshot before it"),
    DANGLING_DELETE(Severity.WARNING, "no row is concerned: remove dangling deletes"),
    SUMMARY_TOTAL(Severity.WARNING, "only reports of the table's size are wrong"),
    SPLIT_OFFSETS(Severity.WARNING, "the file is split badly until it is rewritten"),
    SORT_ORDER(Severity.WARNING, "the file is less sorted than it says until it is rewritten"),
    STATISTICS(Severity.WARNING, "only estimates are concerned: compute the statistics again"),
    EARLIER_METADATA(Severity.WARNING, "no reader needs it: nothing has to be done");

    private final Severity severity;
    private final String remedy;

    Kind(Severity severity, String remedy) {
      this.severity = severity;
      this.remedy = remedy;
    }

    public Severity severity() {
      return severity;
    }

    /** What mends it, or what follows from it. */
    public String remedy() {
      return remedy;
    }
  }

  public Severity severity() {
    return kind.severity();
  }

  public String remedy() {
    return kind.remedy();
  }
}
