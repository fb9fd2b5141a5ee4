package dev.firn.catalog.commit;

import dev.firn.catalog.table.SupportedTables;
import dev.firn.catalog.table.TableName;
import dev.firn.format.write.CommitTurn;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.iceberg.LocationProviders;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;
import org.jspecify.annotations.Nullable;

/**
 * Iceberg's view of one table of the catalog. Thread-safe.
 *
 * <p>How it works: a commit joins the table's lane as changes with requirements, as a REST server
 * takes them, so that it conflicts only with what contradicts it. Where it does conflict, Iceberg
 * refreshes, prepares again and commits again, a few times. From that refresh to that commit the
 * lane stands still, for a few times what the preparation took before: so the second try succeeds,
 * however many others write. A caller that knows beforehand that others write claims the same, and
 * that they do not make changes in vain meanwhile.
 */
final class LaneOperations implements TableOperations, CommitTurn {
  private static final Duration SHORTEST_WAIT = Duration.ofMillis(250);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
  private static final int TIMES_AS_LONG = 3;

  private final TableIdentifier table;
  private final Commits commits;
  private final Looks looks;
  private final Duration shortestWait;
  private volatile @Nullable TableMetadata current;
  private volatile Supplier<List<UUID>> intents = List::of;

  private long refreshedAt = System.nanoTime();
  private @Nullable Duration lostAfter;
  private Lane.@Nullable Hold hold;
  private boolean claiming;
  private CommitTurn.@Nullable Look claim;

  LaneOperations(TableIdentifier table, Commits commits) {
    this(table, commits, commits.looks(), SHORTEST_WAIT);
  }

  /**
   * With looks of its own, whose time may stand still, and a lane that waits for as long at least.
   */
  LaneOperations(TableIdentifier table, Commits commits, Looks looks, Duration shortestWait) {
    this.table = table;
    this.commits = commits;
    this.looks = looks;
    this.shortestWait = shortestWait;
  }

  TableIdentifier table() {
    return table;
  }

  Commits commits() {
    return commits;
  }

  /** From now on, what is committed through these operations clears what {@code ids} returns. */
  void clears(Supplier<List<UUID>> ids) {
    intents = ids;
  }

  /** Returns the id of the table that this is the view of; null where it has none. */
  @Nullable String uuid() {
    return existing().uuid();
  }

  @Override
  public @Nullable TableMetadata current() {
    TableMetadata known = current;
    return known == null ? refresh() : known;
  }

  @Override
  public @Nullable TableMetadata refresh() {
    waitForLane();
    TableMetadata before = current;
    TableMetadata found = commits.store().current(table);
    if (found == null) {
      if (before != null) {
        throw new NoSuchTableException("Table does not exist: %s", table);
      }
      return null;
    }
    if (before != null && before.uuid() != null && !before.uuid().equals(found.uuid())) {
      throw new NoSuchTableException(
          "Table does not exist: %s was dropped and made again, expected table %s, got %s",
          table, before.uuid(), found.uuid());
    }
    if (before == null || !found.metadataFileLocation().equals(before.metadataFileLocation())) {
      current = found;
    }
    return current;
  }

  private synchronized void waitForLane() {
    Duration lost = lostAfter;
    if (lost != null && hold == null) {
      if (claiming && claim == null) {
        claim = looks.claim(table);
      }
      hold = commits.hold(table, patience(lost));
    }
    lostAfter = null;
    refreshedAt = System.nanoTime();
  }

  private Duration patience(Duration preparation) {
    Duration wait = preparation.multipliedBy(TIMES_AS_LONG);
    return wait.compareTo(shortestWait) < 0
        ? shortestWait
        : wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
  }

  @Override
  public void commit(@Nullable TableMetadata base, TableMetadata metadata) {
    SupportedTables.check(TableName.format(table), metadata);
    if (base == null) {
      if (current() != null) {
        throw new AlreadyExistsException("Table already exists: %s", table);
      }
      current = NewTables.create(commits.store(), table, metadata, intents.get());
      return;
    }
    if (base == metadata) {
      return;
    }
    if (metadata.changes().isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot commit to %s: the metadata does not say what it changes, expected it to be built from the table's"
              .formatted(table));
    }
    try {
      MetadataMember member = MetadataMember.of(base, metadata, intents.get());
      current = Futures.awaitRaw(put(member).outcome());
    } catch (CommitFailedException e) {
      lost();
      throw e;
    } finally {
      endClaim();
    }
  }

  private synchronized MetadataMember put(MetadataMember member) {
    Lane.Hold held = hold;
    hold = null;
    return commits.put(table, member, held);
  }

  private synchronized void lost() {
    lostAfter = Duration.ofNanos(System.nanoTime() - refreshedAt);
  }

  @Override
  public synchronized void claim() {
    lostAfter = LONGEST_WAIT;
    claiming = true;
  }

  @Override
  public synchronized void release() {
    lostAfter = null;
    Lane.Hold held = hold;
    hold = null;
    if (held != null) {
      held.close();
    }
    endClaim();
  }

  private synchronized void endClaim() {
    claiming = false;
    CommitTurn.Look claimed = claim;
    claim = null;
    if (claimed != null) {
      claimed.close();
    }
  }

  @Override
  public Look look() {
    return looks.look(table);
  }

  @Override
  public FileIO io() {
    return commits.store().stores();
  }

  @Override
  public String metadataFileLocation(String fileName) {
    return MetadataLocations.of(existing(), fileName);
  }

  @Override
  public LocationProvider locationProvider() {
    TableMetadata metadata = existing();
    return LocationProviders.locationsFor(metadata.location(), metadata.properties());
  }

  private TableMetadata existing() {
    TableMetadata metadata = current();
    if (metadata == null) {
      throw new NoSuchTableException("Table does not exist: %s", table);
    }
    return metadata;
  }

  @Override
  public TableOperations temp(TableMetadata uncommitted) {
    return new Uncommitted(this, uncommitted);
  }

  /** The operations as a table would have them whose metadata is not committed yet. */
  private record Uncommitted(LaneOperations operations, TableMetadata metadata)
      implements TableOperations {
    @Override
    public TableMetadata current() {
      return metadata;
    }

    @Override
    public TableMetadata refresh() {
      throw new UnsupportedOperationException("Cannot refresh uncommitted metadata");
    }

    @Override
    public void commit(@Nullable TableMetadata base, TableMetadata changed) {
      throw new UnsupportedOperationException("Cannot commit from uncommitted metadata");
    }

    @Override
    public FileIO io() {
      return operations.io();
    }

    @Override
    public String metadataFileLocation(String fileName) {
      return MetadataLocations.of(metadata, fileName);
    }

    @Override
    public LocationProvider locationProvider() {
      return LocationProviders.locationsFor(metadata.location(), metadata.properties());
    }
  }
}
