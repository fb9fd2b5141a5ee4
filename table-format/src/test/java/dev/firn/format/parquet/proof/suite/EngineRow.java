package dev.firn.format.parquet.proof.suite;

import org.apache.iceberg.data.Record;

/**
 * The row type of an engine whose Parquet files go through our reader and writer: a box, so that
 * Iceberg's registry tells it from its own generic records. Mutable: a reader may reuse it.
 */
final class EngineRow {
  private Record row;

  EngineRow(Record row) {
    this.row = row;
  }

  Record row() {
    return row;
  }

  void row(Record next) {
    row = next;
  }

  @Override
  public String toString() {
    return row.toString();
  }
}
