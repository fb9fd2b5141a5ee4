package dev.firn.catalog.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The ledger as a sweep sees it. Each step is a transaction that checks the state it starts from,
 * so that several sweeps, a writer and a person who undoes may come at the same time. Thread-safe.
 */
public final class SweptIntents {
  private static final String SELECT =
      "SELECT intent, table_name, table_location, state, reason, created_at, changed_at"
          + " FROM firn_intents WHERE catalog_name = ? AND ";

  /** Whether nobody prolongs the intent's lease; takes the grace and then the clock. */
  private static final String DEAD =
      "NOT EXISTS (SELECT 1 FROM firn_sessions WHERE firn_sessions.session = firn_intents.session"
          + " AND firn_sessions.lease_until + ? >= ";

  private final Database database;
  private final String catalog;

  public SweptIntents(Database database, String catalog) {
    this.database = database;
    this.catalog = catalog;
  }

  /** Where an intent is between its writer and its end. */
  public enum State {
    /** A writer's. */
    LIVE(Intents.LIVE),
    /** Taken from a dead writer, or found by a search; files untouched. */
    QUARANTINED(Intents.QUARANTINED),
    /** Its files are being deleted. */
    DELETING(Intents.DELETING),
    /** Taken back from quarantine: left alone. */
    KEPT(Intents.KEPT);

    private final String code;

    State(String code) {
      this.code = code;
    }

    private static State of(String code) {
      for (State state : values()) {
        if (state.code.equals(code)) {
          return state;
        }
      }
      throw new IllegalStateException("Unknown state of a write intent: " + code);
    }
  }

  /**
   * An intent.
   *
   * @param table as it was named when the intent was made
   * @param reason {@code writer}, or what found the files
   * @param changedAt since when it is in its state, by the database's clock
   */
  public record Row(
      UUID intent,
      String table,
      String tableLocation,
      State state,
      String reason,
      Instant createdAt,
      Instant changedAt,
      List<String> files) {
    public Row {
      files = List.copyOf(files);
    }
  }

  /** A table or view of any catalog in the database, and where its metadata is. */
  public record Name(String catalog, String table, String metadataLocation, boolean view) {}

  /** Returns the live intents whose session has ended, or whose lease ended so long ago. */
  public List<Row> dead(Duration grace) {
    return rows(
        SELECT + "state = '" + Intents.LIVE + "' AND " + DEAD + now() + ") ORDER BY intent",
        statement -> {
          statement.setString(1, catalog);
          statement.setLong(2, grace.toMillis());
        });
  }

  /** Returns the intent as it is now. */
  public Optional<Row> find(UUID intent) {
    return rows(
            SELECT + "intent = ?",
            statement -> {
              statement.setString(1, catalog);
              statement.setString(2, intent.toString());
            })
        .stream()
        .findFirst();
  }

  /**
   * Takes an intent from its writer, whose commit is refused from then on; false where the writer
   * lives, or was faster.
   */
  public boolean quarantine(UUID intent, Duration grace) {
    return change(
        "quarantine files of a dead writer",
        "UPDATE firn_intents SET state = '"
            + Intents.QUARANTINED
            + "', changed_at = "
            + now()
            + " WHERE intent = ? AND state = '"
            + Intents.LIVE
            + "' AND "
            + DEAD
            + now()
            + ")",
        statement -> {
          statement.setString(1, intent.toString());
          statement.setLong(2, grace.toMillis());
        });
  }

  /** Puts files that no writer of ours has named into quarantine. */
  public UUID quarantine(String table, String tableLocation, String reason, List<String> files) {
    UUID intent = UUID.randomUUID();
    database.write(
        "quarantine files of " + table,
        connection -> {
          try (PreparedStatement insert =
              connection.prepareStatement(
                  "INSERT INTO firn_intents(intent, session, catalog_name, table_name,"
                      + " table_location, state, reason, created_at, changed_at) VALUES (?, '', ?,"
                      + " ?, ?, '"
                      + Intents.QUARANTINED
                      + "', ?, "
                      + now()
                      + ", "
                      + now()
                      + ")")) {
            insert.setString(1, intent.toString());
            insert.setString(2, catalog);
            insert.setString(3, table);
            insert.setString(4, tableLocation);
            insert.setString(5, reason);
            insert.executeUpdate();
          }
          Intents.insertFiles(connection, intent, files);
          return Database.Decision.commit(true);
        });
    return intent;
  }

  /** Returns what is not a writer's: quarantined, being deleted, or kept. */
  public List<Row> taken() {
    return rows(
        SELECT + "state <> '" + Intents.LIVE + "' ORDER BY changed_at, intent",
        statement -> statement.setString(1, catalog));
  }

  /** Begins to delete what has been in quarantine so long; true as well where that was begun. */
  public boolean beginDeleting(UUID intent, Duration delay) {
    return change(
        "begin to delete quarantined files",
        "UPDATE firn_intents SET state = '"
            + Intents.DELETING
            + "' WHERE intent = ? AND (state = '"
            + Intents.DELETING
            + "' OR (state = '"
            + Intents.QUARANTINED
            + "' AND changed_at + ? <= "
            + now()
            + "))",
        statement -> {
          statement.setString(1, intent.toString());
          statement.setLong(2, delay.toMillis());
        });
  }

  /** Takes an intent back from quarantine; false where it is not there (any more). */
  public boolean keep(UUID intent) {
    return change(
        "take files back from quarantine",
        "UPDATE firn_intents SET state = '"
            + Intents.KEPT
            + "', changed_at = "
            + now()
            + " WHERE catalog_name = ? AND intent = ? AND state = '"
            + Intents.QUARANTINED
            + "'",
        statement -> {
          statement.setString(1, catalog);
          statement.setString(2, intent.toString());
        });
  }

  /** Takes files out of an intent: a table has them. */
  public void drop(UUID intent, Collection<String> files) {
    database.write(
        "take files of a table out of the ledger",
        connection -> {
          try (PreparedStatement delete =
              connection.prepareStatement(
                  "DELETE FROM firn_intent_files WHERE intent = ? AND location = ?")) {
            for (String file : files) {
              delete.setString(1, intent.toString());
              delete.setString(2, file);
              delete.addBatch();
            }
            delete.executeBatch();
          }
          return Database.Decision.commit(true);
        });
  }

  /** Returns every file that is in the ledger, of all catalogs in the database. */
  public Set<String> files() {
    return database.read(
        "read write intents",
        connection -> {
          Set<String> all = new HashSet<>();
          try (PreparedStatement select =
                  connection.prepareStatement("SELECT location FROM firn_intent_files");
              ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              all.add(rows.getString(1));
            }
          }
          return all;
        });
  }

  /** Returns every table and view in the database, whatever catalog it belongs to. */
  public List<Name> names() {
    return database.read(
        "list what is in the catalog database",
        connection -> {
          List<Name> all = new ArrayList<>();
          try (PreparedStatement select =
                  connection.prepareStatement(
                      "SELECT catalog_name, table_namespace, table_name, metadata_location,"
                          + " iceberg_type FROM iceberg_tables WHERE metadata_location IS NOT"
                          + " NULL");
              ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              String table = rows.getString(2) + "." + rows.getString(3);
              boolean view = "VIEW".equals(rows.getString(5));
              all.add(new Name(rows.getString(1), table, rows.getString(4), view));
            }
          }
          return all;
        });
  }

  /** Returns the database's time. */
  public Instant time() {
    return database.read(
        "read the database's clock",
        connection -> {
          try (PreparedStatement select = connection.prepareStatement("SELECT " + now());
              ResultSet rows = select.executeQuery()) {
            rows.next();
            return Instant.ofEpochMilli(rows.getLong(1));
          }
        });
  }

  private String now() {
    return database.dialect().now();
  }

  private interface Parameters {
    void set(PreparedStatement statement) throws SQLException;
  }

  private boolean change(String doing, String sql, Parameters parameters) {
    return database.write(
        doing,
        connection -> {
          try (PreparedStatement update = connection.prepareStatement(sql)) {
            parameters.set(update);
            return Database.Decision.commit(update.executeUpdate() > 0);
          }
        });
  }

  private List<Row> rows(String sql, Parameters parameters) {
    return database.read(
        "read write intents",
        connection -> {
          List<Row> all = new ArrayList<>();
          try (PreparedStatement select = connection.prepareStatement(sql)) {
            parameters.set(select);
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                all.add(row(rows, List.of()));
              }
            }
          }
          return withFiles(connection, all);
        });
  }

  private static List<Row> withFiles(Connection connection, List<Row> rows) throws SQLException {
    List<Row> all = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT location FROM firn_intent_files WHERE intent = ? ORDER BY location")) {
      for (Row row : rows) {
        select.setString(1, row.intent().toString());
        List<String> files = new ArrayList<>();
        try (ResultSet found = select.executeQuery()) {
          while (found.next()) {
            files.add(found.getString(1));
          }
        }
        all.add(
            new Row(
                row.intent(),
                row.table(),
                row.tableLocation(),
                row.state(),
                row.reason(),
                row.createdAt(),
                row.changedAt(),
                files));
      }
    }
    return all;
  }

  private static Row row(ResultSet row, List<String> files) throws SQLException {
    return new Row(
        UUID.fromString(row.getString(1)),
        row.getString(2),
        row.getString(3),
        State.of(row.getString(4)),
        row.getString(5),
        Instant.ofEpochMilli(row.getLong(6)),
        Instant.ofEpochMilli(row.getLong(7)),
        files);
  }
}
