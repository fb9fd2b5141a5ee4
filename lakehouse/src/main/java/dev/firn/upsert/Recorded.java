package dev.firn.upsert;

import dev.firn.catalog.intent.WriteIntent;
import dev.firn.error.FirnException;
import dev.firn.format.write.FileRegistrar;
import java.util.Collection;
import java.util.List;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.io.FileIO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Records a batch's files in the catalog's ledger. Borrows the intent. */
record Recorded(WriteIntent intent) implements FileRegistrar {
  private static final Logger LOG = LoggerFactory.getLogger(Recorded.class);

  @Override
  public void creating(List<String> locations) {
    intent.creating(locations);
  }

  @Override
  public void removed(Collection<String> locations) {
    intent.removed(locations);
  }

  /** Removes files that surely are in no table; what stays is left to a sweep. Never throws. */
  void remove(FileIO store, Collection<? extends ContentFile<?>> files) {
    for (String location : files.stream().map(ContentFile::location).distinct().toList()) {
      try {
        store.deleteFile(location);
        intent.removed(List.of(location));
      } catch (RuntimeException e) {
        LOG.warn("Cannot remove {}, which no snapshot refers to: {}", location, e.toString());
      }
    }
  }

  /** Whether a failure says that nothing was applied: only then files may go. */
  static boolean nothingApplied(FirnException failure) {
    return switch (failure.kind()) {
      case COMMIT_STATE_UNKNOWN, INTERNAL -> false;
      case INVALID, NOT_FOUND, ALREADY_EXISTS, CONFLICT, CORRUPT, UNAVAILABLE -> true;
    };
  }
}
