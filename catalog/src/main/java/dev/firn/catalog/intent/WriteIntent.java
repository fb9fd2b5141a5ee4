package dev.firn.catalog.intent;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.write.FileRegistrar;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of one change, known to the ledger before they exist. Thread-safe.
 *
 * <p>Either the commit clears it, which is to be given {@link #ids()}; or the writer removes its
 * files, tells {@link #removed}, and closes. What is neither, because the process died or the
 * commit's outcome is unknown, stays in the ledger, for a sweep.
 */
public final class WriteIntent implements FileRegistrar, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WriteIntent.class);

  private final @Nullable WriteIntents ledger;
  private final String table;
  private final String tableLocation;
  private final Set<String> files = new HashSet<>();
  private @Nullable UUID id;

  WriteIntent(@Nullable WriteIntents ledger, String table, String tableLocation) {
    this.ledger = ledger;
    this.table = table;
    this.tableLocation = tableLocation;
  }

  /** An intent that nobody keeps: of a catalog without a ledger. */
  public static WriteIntent unrecorded() {
    return new WriteIntent(null, "", "");
  }

  /**
   * Records the files durably; only then they may be created.
   *
   * @throws FirnException CONFLICT where the writer was taken for dead and its files swept,
   *     UNAVAILABLE where the database cannot be reached
   */
  @Override
  public synchronized void creating(List<String> locations) {
    WriteIntents kept = ledger;
    if (kept == null || locations.isEmpty()) {
      return;
    }
    UUID known = id;
    try {
      if (known == null) {
        id = kept.begin(table, tableLocation, locations);
      } else if (!kept.goOn(known, table, tableLocation, locations)) {
        throw swept();
      }
    } catch (CommitStateUnknownException e) {
      // Recorded or not: no file was created, so an intent more does no harm.
      throw FirnException.unavailable(
          "Cannot record the files to be written to %s: %s".formatted(table, e.getMessage()), e);
    }
    files.addAll(locations);
  }

  /** Tells that files are gone again, or never came to be. */
  @Override
  public synchronized void removed(Collection<String> locations) {
    files.removeAll(Set.copyOf(locations));
  }

  /** Removes files that surely are in no table. What stays is logged. Never throws. */
  public void discard(FileIO store, Collection<? extends ContentFile<?>> written) {
    discard(
        store,
        written,
        (location, e) ->
            LOG.warn("Cannot remove {}, which no snapshot refers to: {}", location, e.toString()));
  }

  /**
   * Removes files that surely are in no table; tells {@code failed} of what stays, which is left to
   * a sweep. Never throws.
   */
  public void discard(
      FileIO store,
      Collection<? extends ContentFile<?>> written,
      BiConsumer<String, RuntimeException> failed) {
    for (String location : written.stream().map(ContentFile::location).distinct().toList()) {
      try {
        store.deleteFile(location);
        removed(List.of(location));
      } catch (RuntimeException e) {
        failed.accept(location, e);
      }
    }
  }

  /** Returns what the commit has to clear; empty where nothing was recorded. */
  public synchronized List<UUID> ids() {
    UUID known = id;
    return known == null ? List.of() : List.of(known);
  }

  private FirnException swept() {
    return new FirnException(
        ErrorKind.CONFLICT,
        "Cannot commit to %s: this process was taken for dead and its uncommitted files were swept; write them again"
            .formatted(table));
  }

  /**
   * Forgets the intent where all of its files are gone; leaves it where any is left, which the
   * commit has cleared, or a sweep will look at. Idempotent; never throws.
   */
  @Override
  public synchronized void close() {
    WriteIntents kept = ledger;
    List<UUID> mine = ids();
    if (kept != null && !mine.isEmpty() && files.isEmpty()) {
      kept.clearQuietly(mine);
      id = null;
    }
  }
}
