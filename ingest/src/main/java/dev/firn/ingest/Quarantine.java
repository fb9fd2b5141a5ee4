package dev.firn.ingest;

import dev.firn.AppendOptions;
import dev.firn.ingest.read.RejectHandler;
import dev.firn.ingest.read.Rejected;
import java.time.OffsetDateTime;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * A writer of rows that do not fit into {@code <table>__rejected}, which is made at the first one.
 * Closed without {@link #commit()}, nothing is left. Confined to one thread.
 */
final class Quarantine implements RejectHandler, AutoCloseable {
  static final Schema SCHEMA =
      SchemaText.parse(
          "loaded_at timestamptz not null, file string, line long, \"column\" string, reason string, raw string");

  private final LoadTables tables;
  private final String table;
  private final OffsetDateTime loadedAt;
  private @Nullable RowOutput output;
  private long rows;

  Quarantine(LoadTables tables, String table, OffsetDateTime loadedAt) {
    this.tables = tables;
    this.table = nameFor(table);
    this.loadedAt = loadedAt;
  }

  static String nameFor(String table) {
    return table + "__rejected";
  }

  @Override
  public void reject(Rejected rejected) {
    RowOutput open = output == null ? open() : output;
    output = open;
    GenericRecord row = GenericRecord.create(open.writer().schema());
    row.setField("loaded_at", loadedAt);
    row.setField("file", rejected.file());
    row.setField("line", rejected.line());
    row.setField("column", rejected.column().isEmpty() ? null : rejected.column());
    row.setField("reason", rejected.reason());
    row.setField("raw", rejected.raw());
    open.writer().write(row);
    rows++;
  }

  private RowOutput open() {
    return tables
        .append(table, AppendOptions.DEFAULT)
        .orElseGet(() -> tables.create(table, SCHEMA, definition -> {}, AppendOptions.DEFAULT));
  }

  long rows() {
    return rows;
  }

  void commit() {
    if (output != null) {
      output.commit();
    }
  }

  @Override
  public void close() {
    if (output != null) {
      output.close();
    }
  }
}
