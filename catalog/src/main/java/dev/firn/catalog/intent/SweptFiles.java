package dev.firn.catalog.intent;

import dev.firn.catalog.jdbc.SweptIntents;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * Files that one writer left, or one search found, and that no table refers to.
 *
 * @param id by which they are taken back
 * @param table as it was named then
 * @param reason {@code writer} or {@code listing}
 * @param recordedAt when the writer began, or the search found them
 * @param since when they came into the state that they are in
 */
public record SweptFiles(
    UUID id, String table, String reason, Instant recordedAt, Instant since, List<String> files) {
  public SweptFiles {
    files = List.copyOf(files);
  }

  static SweptFiles of(SweptIntents.Row row, List<String> files) {
    return new SweptFiles(
        row.intent(), row.table(), row.reason(), row.createdAt(), row.changedAt(), files);
  }
}
