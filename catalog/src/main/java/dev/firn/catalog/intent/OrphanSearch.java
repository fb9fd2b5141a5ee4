package dev.firn.catalog.intent;

import dev.firn.catalog.error.IcebergErrors;
import dev.firn.catalog.jdbc.SweptIntents;
import dev.firn.catalog.table.TableName;
import dev.firn.error.FirnException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.FileIO;

/**
 * A refinable search for files of one table that nobody refers to, by listing its directories:
 * slower and less sure than a {@link Sweep}, for what writers without a ledger left, of other
 * engines or from before there was one. Immutable. Works in the calling thread.
 *
 * <p>A file is an orphan where no retained snapshot of the table reaches it, the ledger does not
 * name it, and it is old: a foreign writer that takes longer to commit than {@link #olderThan} and
 * the time in quarantine together loses its files, and nothing can tell. It refuses to search where
 * another table of the database shares a directory, or where the table spells a file's store
 * otherwise than the listing does.
 *
 * <p>{@link #run()} removes nothing: it puts what it finds into the sweep's quarantine, from where
 * a sweep deletes it after its delay, having looked again, and {@link Sweep#undo} takes it back.
 */
public final class OrphanSearch {
  /** How old files must be unless told otherwise. */
  public static final Duration OLDER_THAN = Duration.ofDays(3);

  /** The least that can be asked for: jobs of a day are usual. */
  public static final Duration LEAST_AGE = Duration.ofDays(1);

  private final SweptIntents swept;
  private final FileIO stores;
  private final String catalog;
  private final TableIdentifier table;
  private final Duration olderThan;

  private OrphanSearch(
      SweptIntents swept, FileIO stores, String catalog, TableIdentifier table, Duration age) {
    this.swept = swept;
    this.stores = stores;
    this.catalog = catalog;
    this.table = table;
    this.olderThan = age;
  }

  static OrphanSearch of(SweptIntents swept, FileIO stores, String catalog, TableIdentifier table) {
    return new OrphanSearch(swept, stores, catalog, table, OLDER_THAN);
  }

  /** A file that nobody refers to. */
  public record Orphan(String location, long bytes, Instant modifiedAt) {}

  /**
   * Orphans that were put into quarantine.
   *
   * @param id by which {@link Sweep#undo} takes them back; empty where there were none
   */
  public record Quarantined(Optional<UUID> id, List<Orphan> files) {
    public Quarantined {
      files = List.copyOf(files);
    }
  }

  /** Only files that were last changed so long ago (default three days, at least one). */
  public OrphanSearch olderThan(Duration age) {
    if (age.compareTo(LEAST_AGE) < 0) {
      throw FirnException.invalid(
          "Cannot search for orphans of %s: files of writers at work would be among them, expected an age of one day or more, got %s"
              .formatted(name(), age));
    }
    return new OrphanSearch(swept, stores, catalog, table, age);
  }

  /**
   * Lists the orphans, by location. Changes nothing.
   *
   * @throws FirnException INVALID where a directory is shared or a file's store is spelled in
   *     several ways, CORRUPT where the table cannot be read whole
   */
  public List<Orphan> plan() {
    return guarded(() -> listing().orphans(olderThan));
  }

  /** Puts the orphans into quarantine. */
  public Quarantined run() {
    return guarded(
        () -> {
          OrphanListing listing = listing();
          List<Orphan> found = listing.orphans(olderThan);
          if (found.isEmpty()) {
            return new Quarantined(Optional.empty(), found);
          }
          List<String> files = found.stream().map(Orphan::location).toList();
          UUID id = swept.quarantine(name(), listing.location(), "listing", files);
          return new Quarantined(Optional.of(id), found);
        });
  }

  private OrphanListing listing() {
    return OrphanListing.open(swept, stores, catalog, name());
  }

  private <T> T guarded(Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      throw IcebergErrors.translate("search for orphans of " + name(), e);
    }
  }

  private String name() {
    return TableName.format(table);
  }
}
