package dev.firn.catalog.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * What writers are about to create, until a commit clears it. Thread-safe.
 *
 * <p>How it works: an intent is one row, its files are rows of another table. The row decides: the
 * swap deletes it in its own transaction and is refused where it is not live; a sweep marks it
 * quarantined, and from then on no commit can make its files part of a table. So at any moment the
 * files of an intent are either a writer's or a sweep's, never both's.
 */
public final class Intents {
  static final List<String> DDL =
      List.of(
          Sessions.DDL,
          "CREATE TABLE IF NOT EXISTS firn_intents(intent VARCHAR(36) NOT NULL PRIMARY KEY, session"
              + " VARCHAR(36) NOT NULL, catalog_name VARCHAR(255) NOT NULL, table_name VARCHAR(511)"
              + " NOT NULL, table_location VARCHAR(1000) NOT NULL, state CHAR(1) NOT NULL, reason"
              + " VARCHAR(255) NOT NULL, created_at BIGINT NOT NULL, changed_at BIGINT NOT NULL)",
          "CREATE INDEX IF NOT EXISTS firn_intents_by_session ON firn_intents(session)",
          "CREATE TABLE IF NOT EXISTS firn_intent_files(intent VARCHAR(36) NOT NULL, location"
              + " VARCHAR(4000) NOT NULL)",
          "CREATE INDEX IF NOT EXISTS firn_intent_files_by_intent ON firn_intent_files(intent)");

  /** A writer's: its commit clears it. */
  static final String LIVE = "L";

  /** Taken from a dead writer; its files are deleted later. */
  static final String QUARANTINED = "Q";

  /** Its files are being deleted: no way back. */
  static final String DELETING = "D";

  /** Taken back from quarantine: no sweep touches it, its writer may go on. */
  static final String KEPT = "K";

  private static final String WRITERS = "state IN ('" + LIVE + "', '" + KEPT + "')";
  private static final String INSERT_FILE =
      "INSERT INTO firn_intent_files(intent, location) VALUES (?, ?)";

  private final Database database;
  private final String catalog;

  public Intents(Database database, String catalog) {
    this.database = database;
    this.catalog = catalog;
  }

  /**
   * Files that a writer is about to create.
   *
   * @param table {@code namespace.table}, as it was then
   * @param tableLocation where that table's files are
   * @param begins whether these are the intent's first files
   */
  public record Entry(
      UUID intent,
      UUID session,
      String table,
      String tableLocation,
      boolean begins,
      List<String> files) {
    public Entry {
      files = List.copyOf(files);
    }
  }

  /**
   * Records all entries in one transaction. Those that are refused, because their session has ended
   * or their intent was swept, are returned and leave no trace.
   */
  public Set<UUID> record(List<Entry> entries) {
    // Rows are locked in one order everywhere, here and in the swap.
    List<Entry> ordered =
        entries.stream().sorted(Comparator.comparing(entry -> entry.intent().toString())).toList();
    return database.write(
        "record the files to be written",
        connection -> {
          Set<UUID> refused = begin(connection, ordered);
          refused.addAll(goOn(connection, ordered));
          insertFiles(connection, ordered, refused);
          return Database.Decision.commit(refused);
        });
  }

  private Set<UUID> begin(Connection connection, List<Entry> entries) throws SQLException {
    List<Entry> first = entries.stream().filter(Entry::begins).toList();
    String now = database.dialect().now();
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO firn_intents(intent, session, catalog_name, table_name, table_location,"
                + " state, reason, created_at, changed_at) SELECT ?, session, ?, ?, ?, '"
                + LIVE
                + "', 'writer', "
                + now
                + ", "
                + now
                + " FROM firn_sessions WHERE session = ?")) {
      for (Entry entry : first) {
        insert.setString(1, entry.intent().toString());
        insert.setString(2, catalog);
        insert.setString(3, entry.table());
        insert.setString(4, entry.tableLocation());
        insert.setString(5, entry.session().toString());
        insert.addBatch();
      }
      return untouched(first.stream().map(Entry::intent).toList(), insert);
    }
  }

  private Set<UUID> goOn(Connection connection, List<Entry> entries) throws SQLException {
    List<Entry> more = entries.stream().filter(entry -> !entry.begins()).toList();
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE firn_intents SET changed_at = "
                + database.dialect().now()
                + " WHERE intent = ? AND "
                + WRITERS)) {
      for (Entry entry : more) {
        update.setString(1, entry.intent().toString());
        update.addBatch();
      }
      return untouched(more.stream().map(Entry::intent).toList(), update);
    }
  }

  private static void insertFiles(Connection connection, List<Entry> entries, Set<UUID> refused)
      throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT_FILE)) {
      for (Entry entry : entries) {
        if (!refused.contains(entry.intent())) {
          add(insert, entry.intent(), entry.files());
        }
      }
      insert.executeBatch();
    }
  }

  static void insertFiles(Connection connection, UUID intent, List<String> files)
      throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT_FILE)) {
      add(insert, intent, files);
      insert.executeBatch();
    }
  }

  private static void add(PreparedStatement insert, UUID intent, List<String> files)
      throws SQLException {
    for (String file : files) {
      insert.setString(1, intent.toString());
      insert.setString(2, file);
      insert.addBatch();
    }
  }

  /** Clears intents whose files are part of a table from now on; returns those that were swept. */
  static List<UUID> clear(Connection connection, List<UUID> intents) throws SQLException {
    if (intents.isEmpty()) {
      return List.of();
    }
    List<UUID> ordered =
        intents.stream().distinct().sorted(Comparator.comparing(UUID::toString)).toList();
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM firn_intents WHERE intent = ? AND " + WRITERS)) {
      add(delete, ordered);
      Set<UUID> swept = untouched(ordered, delete);
      if (!swept.isEmpty()) {
        return List.copyOf(swept);
      }
    }
    removeFiles(connection, ordered);
    return List.of();
  }

  /** Forgets intents whatever their state: their files are gone, or part of a table. */
  public void forget(Collection<UUID> intents) {
    List<UUID> ordered =
        intents.stream().distinct().sorted(Comparator.comparing(UUID::toString)).toList();
    database.write(
        "clear write intents",
        connection -> {
          try (PreparedStatement delete =
              connection.prepareStatement("DELETE FROM firn_intents WHERE intent = ?")) {
            add(delete, ordered);
            delete.executeBatch();
          }
          removeFiles(connection, ordered);
          return Database.Decision.commit(true);
        });
  }

  private static void removeFiles(Connection connection, List<UUID> intents) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM firn_intent_files WHERE intent = ?")) {
      add(delete, intents);
      delete.executeBatch();
    }
  }

  private static void add(PreparedStatement statement, List<UUID> intents) throws SQLException {
    for (UUID intent : intents) {
      statement.setString(1, intent.toString());
      statement.addBatch();
    }
  }

  /** Runs the batch, one statement for each intent; returns the intents whose row was not there. */
  private static Set<UUID> untouched(List<UUID> intents, PreparedStatement batch)
      throws SQLException {
    if (intents.isEmpty()) {
      return new HashSet<>();
    }
    int[] rows = batch.executeBatch();
    Set<UUID> missed = new HashSet<>();
    for (int i = 0; i < rows.length; i++) {
      if (rows[i] == 0) {
        missed.add(intents.get(i));
      }
    }
    return missed;
  }
}
