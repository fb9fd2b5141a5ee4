package dev.firn.catalog.intent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.catalog.jdbc.Connections;
import dev.firn.catalog.jdbc.Database;
import dev.firn.catalog.jdbc.Pointers;
import dev.firn.catalog.jdbc.Pointers.Move;
import dev.firn.catalog.jdbc.Pointers.Result;
import dev.firn.catalog.jdbc.Pointers.Swap;
import dev.firn.catalog.table.TableName;
import dev.firn.error.FirnException;
import dev.firn.storage.scheme.SchemeFileIO;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.apache.iceberg.catalog.TableIdentifier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the ledger does, whatever database holds it. */
abstract class WriteIntentsContract {
  private static final TableIdentifier ORDERS = TableName.parse("shop.orders");
  private static final String LOCATION = "file:///lake/shop/orders";

  private Database database;
  private WriteIntents ledger;
  private Pointers pointers;

  /** Where the database of this test is, the same at each call. */
  abstract String uri();

  @BeforeEach
  void open() {
    database = Connections.open(uri(), Map.of(), UnaryOperator.identity());
    ledger = new WriteIntents(database, "firn", new SchemeFileIO(), Lease.DEFAULT);
    pointers = new Pointers(database, "firn");
    execute(
        "INSERT INTO iceberg_namespace_properties(catalog_name, namespace, property_key,"
            + " property_value) VALUES ('firn', 'shop', 'exists', 'true')");
    assertThat(swap("m0", "m1", List.of())).isInstanceOf(Result.Applied.class);
  }

  @AfterEach
  void close() {
    ledger.close();
    database.close();
  }

  @Test
  void catalogThatWritesNothingLeavesNoTrace() {
    WriteIntent intent = ledger.open(ORDERS, LOCATION);
    intent.creating(List.of());
    intent.close();

    assertThat(intent.ids()).isEmpty();
    assertThat(rows("SELECT session FROM firn_sessions")).isEmpty();
    assertThat(rows("SELECT intent FROM firn_intents")).isEmpty();
  }

  @Test
  void filesAreRecordedBeforeTheyAreCreated() {
    WriteIntent intent = ledger.open(ORDERS, LOCATION);
    intent.creating(List.of("a", "b"));
    intent.creating(List.of("c"));

    assertThat(rows("SELECT location FROM firn_intent_files ORDER BY location"))
        .containsExactly("a", "b", "c");
    assertThat(rows("SELECT table_name FROM firn_intents")).containsExactly("shop.orders");
    assertThat(rows("SELECT owner FROM firn_sessions").get(0))
        .contains("pid " + ProcessHandle.current().pid());
  }

  @Test
  void swapClearsTheIntentWithThePointer() {
    WriteIntent intent = intent("a");

    assertThat(swap("m1", "m2", intent.ids())).isInstanceOf(Result.Applied.class);

    intent.close();
    assertNothingRecorded();
  }

  @Test
  void swapThatIsNotAppliedClearsNothing() {
    WriteIntent intent = intent("a");

    assertThat(swap("m7", "m8", intent.ids())).isInstanceOf(Result.Moved.class);

    intent.close();
    assertThat(rows("SELECT location FROM firn_intent_files")).containsExactly("a");
  }

  @Test
  void swapIsRefusedWhereAnIntentWasSwept() {
    WriteIntent kept = intent("a");
    WriteIntent swept = intent("b");
    execute("UPDATE firn_intents SET state = 'Q' WHERE intent = ?", swept.ids().get(0).toString());

    List<UUID> both = List.of(swept.ids().get(0), kept.ids().get(0));
    assertThat(swap("m1", "m2", both)).isEqualTo(new Result.Refused(List.of(), swept.ids()));

    assertThat(pointers.find(ORDERS)).contains("m1");
    assertThat(rows("SELECT location FROM firn_intent_files")).containsExactlyInAnyOrder("a", "b");
    assertThatThrownBy(() -> swept.creating(List.of("c")))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("taken for dead");
  }

  @Test
  void writerThatRemovedItsFilesIsForgotten() {
    WriteIntent intent = intent("a");
    intent.creating(List.of("b"));
    intent.removed(List.of("a", "b"));
    intent.close();

    assertNothingRecorded();
  }

  @Test
  void fileThatCouldNotBeRemovedStaysRecorded() {
    WriteIntent intent = intent("a");
    intent.creating(List.of("b"));
    intent.removed(List.of("a"));
    intent.close();

    assertThat(rows("SELECT location FROM firn_intent_files")).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void sessionIsRenewedAndEnds() throws InterruptedException {
    Lease lease = new Lease(Duration.ofSeconds(60), Duration.ofMillis(5));
    try (WriteIntents quick = new WriteIntents(database, "firn", new SchemeFileIO(), lease)) {
      quick.open(ORDERS, LOCATION).creating(List.of("a"));
      long first = leaseUntil();
      long giveUp = System.nanoTime() + Duration.ofMinutes(2).toNanos();
      while (leaseUntil() == first && System.nanoTime() - giveUp < 0) {
        Thread.onSpinWait();
      }
      assertThat(leaseUntil()).isGreaterThan(first);
    }
    assertThat(rows("SELECT session FROM firn_sessions")).isEmpty();
    assertThat(rows("SELECT location FROM firn_intent_files")).containsExactly("a");
  }

  @Test
  void processTakenForDeadBeginsAnotherSession() {
    WriteIntent before = intent("a");
    execute("DELETE FROM firn_sessions");

    WriteIntent after = intent("b");

    assertThat(rows("SELECT session FROM firn_sessions")).hasSize(1);
    // The sweep decides; until then what was written before may still be committed.
    assertThat(swap("m1", "m2", List.of(before.ids().get(0), after.ids().get(0))))
        .isInstanceOf(Result.Applied.class);
  }

  @Test
  void writersOfAProcessShareTransactions() throws Exception {
    int writers = 16;
    int files = 20;
    long before = markers();
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int w = 0; w < writers; w++) {
        String writer = "w" + w + "-";
        running.add(threads.submit(() -> write(writer, files)));
      }
      for (Future<?> each : running) {
        each.get();
      }
    } finally {
      threads.shutdown();
    }
    assertThat(rows("SELECT DISTINCT location FROM firn_intent_files")).hasSize(writers * files);
    assertThat(rows("SELECT intent FROM firn_intents")).hasSize(writers);
    assertThat(markers() - before).isLessThan((long) writers * files);
  }

  private void write(String writer, int files) {
    WriteIntent intent = ledger.open(ORDERS, LOCATION);
    for (int f = 0; f < files; f++) {
      intent.creating(List.of(writer + f));
    }
  }

  private WriteIntent intent(String file) {
    WriteIntent intent = ledger.open(ORDERS, LOCATION);
    intent.creating(List.of(file));
    return intent;
  }

  private Result swap(String from, String to, List<UUID> intents) {
    Move move = new Move(ORDERS, from.equals("m0") ? null : from, to);
    return pointers.swap(new Swap(List.of(move), List.of(), intents));
  }

  private void assertNothingRecorded() {
    assertThat(rows("SELECT intent FROM firn_intents")).isEmpty();
    assertThat(rows("SELECT location FROM firn_intent_files")).isEmpty();
  }

  private long leaseUntil() {
    return Long.parseLong(rows("SELECT lease_until FROM firn_sessions").get(0));
  }

  private long markers() {
    return rows("SELECT marker FROM firn_commits").size();
  }

  private List<String> rows(String sql) {
    return database.read(
        "look",
        connection -> {
          List<String> all = new ArrayList<>();
          try (PreparedStatement select = connection.prepareStatement(sql);
              ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              all.add(rows.getString(1));
            }
          }
          return all;
        });
  }

  private void execute(String sql, String... parameters) {
    database.write(
        "change",
        connection -> {
          try (PreparedStatement update = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
              update.setString(i + 1, parameters[i]);
            }
            return Database.Decision.commit(update.executeUpdate());
          }
        });
  }
}
