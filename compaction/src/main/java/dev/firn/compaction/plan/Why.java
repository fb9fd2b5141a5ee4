package dev.firn.compaction.plan;

/** What is wrong with a file. */
enum Why {
  FRAGMENT,
  OVERSIZED,
  DELETED_ROWS,
  DELETE_FILES,
  DISORDER,
  OLDER_SPEC,
  ASKED
}
