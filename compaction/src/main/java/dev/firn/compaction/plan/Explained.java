package dev.firn.compaction.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Makes groups that say what they gain, and why they are. Immutable. */
record Explained(Criteria criteria, String order) {
  /** A group of files without live rows. */
  static FileGroup dead(List<Source> files, String partition) {
    int deletes = files.stream().mapToInt(file -> file.task.deletes().size()).sum();
    long bytes = files.stream().mapToLong(Source::bytes).sum();
    String reason =
        files.size() == 1
            ? "All rows of 1 file are deleted: it goes without being read."
            : "All rows of " + files.size() + " files are deleted: they go without being read.";
    return new FileGroup(
        partition,
        files.stream().map(file -> file.task).toList(),
        0,
        0,
        new Gain(files.size(), deletes, bytes, 0, 0, 0),
        reason);
  }

  FileGroup group(List<Source> files, String partition, Fit fit) {
    return new FileGroup(
        partition,
        files.stream().map(file -> file.task).toList(),
        fit.fileBytes(),
        fit.files(),
        gain(files, fit),
        reason(files, fit));
  }

  private static Gain gain(List<Source> files, Fit fit) {
    int deletes = 0;
    long dead = 0;
    long read = 0;
    long overlap = 0;
    boolean ordered = files.stream().anyMatch(file -> file.why.contains(Why.DISORDER));
    for (Source file : files) {
      deletes += file.task.deletes().size();
      dead += file.deadBytes();
      read += file.bytesRead();
      overlap += ordered ? file.bytes() - file.bytes() / file.depth : 0;
    }
    return new Gain(files.size() - fit.files(), deletes, dead, overlap, read, fit.bytes());
  }

  private String reason(List<Source> files, Fit fit) {
    List<String> parts = new ArrayList<>();
    for (Why why : Why.values()) {
      int count = (int) files.stream().filter(file -> file.why.contains(why)).count();
      if (count > 0 && (why != Why.FRAGMENT || count > 1 || files.size() == 1)) {
        parts.add(count + " " + (count == 1 ? "file " : "files ") + predicate(why, count, files));
      }
    }
    String last = parts.remove(parts.size() - 1);
    String head = parts.isEmpty() ? "" : String.join(", ", parts) + " and ";
    return "%s%s: %d %s %d."
        .formatted(head, last, files.size(), files.size() == 1 ? "becomes" : "become", fit.files());
  }

  private String predicate(Why why, int count, List<Source> files) {
    boolean one = count == 1;
    String is = one ? "is " : "are ";
    String has = one ? "has " : "have ";
    return switch (why) {
      case FRAGMENT ->
          is + "smaller than " + megabytes((long) (criteria.targetBytes() * Criteria.SMALLEST));
      case OVERSIZED -> is + "larger than " + megabytes(Bins.largest(criteria.targetBytes()));
      case DELETED_ROWS ->
          has + Math.round(criteria.deleteRatio() * 100) + " % or more of the rows deleted";
      case DELETE_FILES -> has + criteria.deleteFiles() + " or more delete files";
      case DISORDER ->
          is
              + "out of the order "
              + order
              + ", up to "
              + files.stream().mapToInt(file -> file.depth).max().orElse(1)
              + " deep";
      case OLDER_SPEC -> is + "of an older partition spec";
      case ASKED -> (one ? "was" : "were") + " asked for";
    };
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, bytes < 1 << 20 ? "%.3f MiB" : "%.0f MiB", bytes / 1048576.0);
  }
}
