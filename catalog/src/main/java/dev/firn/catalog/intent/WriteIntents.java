package dev.firn.catalog.intent;

import dev.firn.catalog.jdbc.Database;
import dev.firn.catalog.jdbc.Intents;
import dev.firn.catalog.jdbc.Sessions;
import dev.firn.catalog.jdbc.SweptIntents;
import dev.firn.catalog.table.TableName;
import dev.firn.error.FirnException;
import java.util.List;
import java.util.UUID;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.FileIO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledger as the writers of one open catalog see it. Thread-safe; borrows the database and the
 * stores, owns the session and its thread until closed. A catalog that writes nothing costs
 * nothing.
 */
public final class WriteIntents implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WriteIntents.class);

  private final Database database;
  private final String catalog;
  private final FileIO stores;
  private final Intents intents;
  private final Session session;
  private final Recorder recorder;

  public WriteIntents(Database database, String catalog, FileIO stores, Lease lease) {
    this.database = database;
    this.catalog = catalog;
    this.stores = stores;
    this.intents = new Intents(database, catalog);
    this.session = new Session(new Sessions(database), lease);
    this.recorder = new Recorder(intents);
  }

  /** Returns a new intent for a change of the table, whose files are below {@code location}. */
  public WriteIntent open(TableIdentifier table, String location) {
    return new WriteIntent(this, TableName.format(table), location);
  }

  /** Begins a sweep of what dead writers left, of this process or any other. */
  public Sweep sweep() {
    return Sweep.of(new SweepSteps(database, catalog, stores));
  }

  /** Begins a search for files of the table that nobody refers to. */
  public OrphanSearch orphans(TableIdentifier table) {
    return OrphanSearch.of(new SweptIntents(database, catalog), stores, catalog, table);
  }

  /** Records the first files of a new intent, and returns its id. */
  UUID begin(String table, String location, List<String> files) {
    UUID intent = UUID.randomUUID();
    UUID current = session.id();
    if (record(intent, current, table, location, true, files)) {
      return intent;
    }
    session.lost(current);
    if (record(intent, session.id(), table, location, true, files)) {
      return intent;
    }
    throw FirnException.unavailable(
        "Cannot record the files to be written to %s: the session that was just begun is gone"
            .formatted(table),
        null);
  }

  /** Records more files of an intent; false where it was swept. */
  boolean goOn(UUID intent, String table, String location, List<String> files) {
    // The session of an intent does not change, and is not looked at again.
    return record(intent, intent, table, location, false, files);
  }

  private boolean record(
      UUID intent, UUID owner, String table, String location, boolean begins, List<String> files) {
    return recorder.record(new Intents.Entry(intent, owner, table, location, begins, files));
  }

  /** What stays in the ledger by a failure here is found to be reachable, or gone, by a sweep. */
  void clearQuietly(List<UUID> ids) {
    try {
      intents.forget(ids);
    } catch (RuntimeException e) {
      LOG.warn("Cannot clear write intents {}, which a sweep will look at: {}", ids, e.toString());
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
