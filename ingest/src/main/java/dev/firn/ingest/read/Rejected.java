package dev.firn.ingest.read;

import dev.firn.error.FirnException;

/**
 * A row that does not fit.
 *
 * @param file the input as the user named it
 * @param line the line on which the row starts, from 1; in Parquet and Arrow files the row number
 * @param at the same for a reader: {@code line 7}, {@code line 1, record 90000}, {@code row 12}
 * @param column the dotted path of the column, empty where the row as a whole is wrong
 * @param reason {@code expected X, got Y}
 * @param raw the row's text; CSV fields are quoted anew, binary rows are shown as Iceberg does
 */
public record Rejected(
    String file, long line, String at, String column, String reason, String raw) {

  /** Returns the error that stops a load at this row. */
  public FirnException toException() {
    String where = column.isEmpty() ? at : at + ", column '" + column + "'";
    return FirnException.invalid(
        ("Cannot load %s: %s: %s; correct the row, give the column another type with --schema, or"
                + " set rows like it aside with --on-error quarantine")
            .formatted(file, where, reason));
  }
}
