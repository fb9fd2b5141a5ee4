package dev.firn.scan.plan;

/** The numbers that an entry of a manifest has beside its statistics. */
enum LongField {
  ORDINAL,
  CONTENT,
  RECORD_COUNT,
  FILE_SIZE,
  SNAPSHOT_ID,
  DATA_SEQUENCE,
  FILE_SEQUENCE,
  FIRST_ROW_ID,
  SORT_ORDER,
  CONTENT_OFFSET,
  CONTENT_SIZE
}
