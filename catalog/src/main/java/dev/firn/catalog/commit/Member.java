package dev.firn.catalog.commit;

import java.util.List;
import java.util.UUID;

/** Something that waits in a lane for its commit. Completed exactly once, by whoever runs it. */
sealed interface Member permits RowMember, MetadataMember {
  /** Returns how many files it adds: a group is bounded by files as well as members. */
  int files();

  /** Returns when it waits for company no longer, in {@link System#nanoTime()}. */
  long due();

  /** Returns the write intents that name its files; its commit clears them. */
  List<UUID> intents();

  /** Tells whoever waits that it was not applied; or, by the error's kind, that it is unknown. */
  void fail(RuntimeException error);
}
