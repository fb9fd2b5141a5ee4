package dev.firn.catalog.commit;

/** Something that waits in a lane for its commit. Completed exactly once, by whoever runs it. */
sealed interface Member permits RowMember, MetadataMember {
  /** Returns how many files it adds: a group is bounded by files as well as members. */
  int files();

  /** Returns when it waits for company no longer, in {@link System#nanoTime()}. */
  long due();

  /** Tells whoever waits that it was not applied; or, by the error's kind, that it is unknown. */
  void fail(RuntimeException error);
}
