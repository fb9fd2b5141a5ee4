package dev.firn.catalog.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.catalog.jdbc.Pointers.Move;
import dev.firn.catalog.jdbc.Pointers.Result;
import dev.firn.catalog.jdbc.Pointers.Swap;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.FaultyDataSource;
import dev.firn.testing.SqlFault;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What channels do, whatever database holds them. */
abstract class ChannelsContract {
  private static final String TABLE = "7d7ee2a0-9f5c-4a3c-8f0e-0a0f5f6b1c11";
  private static final TableIdentifier ORDERS = TableIdentifier.of("shop", "orders");

  private Database database;
  private Channels channels;
  private Pointers pointers;
  private String catalog;
  private String location;

  /** Where the database is, which tests may share: each has a catalog of its own. */
  abstract String uri();

  @BeforeEach
  void open() {
    location = "m0";
    catalog = UUID.randomUUID().toString();
    database = Connections.open(uri(), Map.of(), UnaryOperator.identity());
    channels = new Channels(database, catalog);
    pointers = new Pointers(database, catalog);
    new Namespaces(database, catalog).create(ORDERS.namespace(), Map.of());
    assertThat(swap(new Move(ORDERS, null, location), List.of()))
        .isInstanceOf(Result.Applied.class);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void channelOpenedFirstHasNoToken() {
    ChannelState opened = channels.open(TABLE, "orders-0");

    assertThat(opened.epoch()).isEqualTo(1);
    assertThat(opened.token()).isNull();
    assertThat(opened.snapshotId()).isNull();
    assertThat(opened.updatedAt()).isBetween("2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z");
  }

  @Test
  void tokenMovesWithThePointer() {
    ChannelState opened = channels.open(TABLE, "orders-0");

    assertThat(commit(move(opened, 1, "offset 10", 77))).isInstanceOf(Result.Applied.class);

    ChannelState again = channels.open(TABLE, "orders-0");
    assertThat(again.epoch()).isEqualTo(2);
    assertThat(again.token()).isEqualTo("offset 10");
    assertThat(again.snapshotId()).isEqualTo(77);
    assertThat(pointers.find(ORDERS)).contains("m1");
  }

  @Test
  void tokenStaysWhereThePointerHasMoved() {
    ChannelState opened = channels.open(TABLE, "orders-0");

    Result result = swap(new Move(ORDERS, "m9", "m10"), List.of(move(opened, 1, "a", 1)));

    assertThat(result).isEqualTo(new Result.Moved(List.of(ORDERS)));
    assertThat(channels.list(TABLE).get(0).token()).isNull();
  }

  @Test
  void writerThatWasSupersededMovesNothing() {
    ChannelState zombie = channels.open(TABLE, "orders-0");
    ChannelState owner = channels.open(TABLE, "orders-0");
    ChannelMove late = move(zombie, 1, "zombie", 1);

    assertThat(commit(late)).isEqualTo(new Result.Refused(List.of(late), List.of()));
    assertThat(channels.move(late)).isFalse();
    assertThat(pointers.find(ORDERS)).contains("m0");
    assertThat(commit(move(owner, 1, "owner", 2))).isInstanceOf(Result.Applied.class);
    assertThat(commit(late)).isInstanceOf(Result.Refused.class);
    assertThat(channels.list(TABLE).get(0).token()).isEqualTo("owner");
  }

  @Test
  void onlyTheSupersededOfAGroupAreNamed() {
    ChannelState zombie = channels.open(TABLE, "a");
    ChannelState owner = channels.open(TABLE, "a");
    ChannelState other = channels.open(TABLE, "b");
    ChannelMove late = move(zombie, 1, "zombie", 1);
    ChannelMove later = move(zombie, 2, "zombie", 1);

    Result result =
        commit(move(other, 1, "x", 1), late, move(owner, 1, "y", 1), later, move(other, 2, "z", 1));

    assertThat(result).isInstanceOf(Result.Refused.class);
    assertThat(((Result.Refused) result).channels()).containsExactlyInAnyOrder(late, later);
    assertThat(channels.list(TABLE)).extracting(ChannelState::token).containsOnlyNulls();
  }

  @Test
  void lastOfSeveralMovesInAGroupWins() {
    ChannelState opened = channels.open(TABLE, "a");

    assertThat(commit(move(opened, 1, "1", 5), move(opened, 2, "2", 5), move(opened, 3, "3", 5)))
        .isInstanceOf(Result.Applied.class);
    assertThat(channels.move(move(opened, 4, "4", ChannelMove.NO_SNAPSHOT))).isTrue();

    ChannelState at = channels.list(TABLE).get(0);
    assertThat(at.token()).isEqualTo("4");
    assertThat(at.snapshotId()).isEqualTo(5);
  }

  @Test
  void moveAfterOneThatIsMissingIsRefused() {
    ChannelState opened = channels.open(TABLE, "a");
    ChannelMove third = move(opened, 3, "3", 5);

    assertThat(commit(move(opened, 2, "2", 5))).isInstanceOf(Result.Refused.class);
    assertThat(commit(move(opened, 1, "1", 5), third))
        .isEqualTo(new Result.Refused(List.of(third), List.of()));
    assertThat(commit(move(opened, 1, "1", 5))).isInstanceOf(Result.Applied.class);
    assertThat(commit(third)).isInstanceOf(Result.Refused.class);
    assertThat(channels.list(TABLE).get(0).token()).isEqualTo("1");
  }

  @Test
  void removedChannelBeginsAnewAndItsWriterIsShutOut() {
    ChannelState before = channels.open(TABLE, "a");
    commit(move(before, 1, "old", 5));

    assertThat(channels.remove(TABLE, "a")).isTrue();
    assertThat(channels.remove(TABLE, "a")).isFalse();
    assertThat(channels.list(TABLE)).isEmpty();
    assertThat(channels.move(move(before, 2, "late", 5))).isFalse();
    ChannelState after = channels.open(TABLE, "a");
    assertThat(after.token()).isNull();
    assertThat(after.snapshotId()).isNull();
    assertThat(channels.move(move(before, 1, "late", 5))).isFalse();
    assertThat(channels.move(move(after, 1, "new", 5))).isTrue();
  }

  @Test
  void tablesAndCatalogsDoNotShareChannels() {
    channels.open(TABLE, "a");
    Channels elsewhere = new Channels(database, "other");

    assertThat(channels.open("another table", "a").epoch()).isEqualTo(1);
    assertThat(elsewhere.open(TABLE, "a").epoch()).isEqualTo(1);
    channels.remove(TABLE, "a");
    assertThat(elsewhere.list(TABLE)).hasSize(1);
  }

  @Test
  void channelsOfAPurgedTableGo() {
    ChannelState opened = channels.open(TABLE, "a");
    channels.open("another table", "a");

    database.write(
        "purge",
        connection -> {
          channels.removeAll(connection, TABLE);
          return Database.Decision.commit(true);
        });

    assertThat(channels.move(move(opened, 1, "late", 5))).isFalse();
    assertThat(channels.list(TABLE)).isEmpty();
    assertThat(channels.list("another table")).hasSize(1);
  }

  @Test
  void longestTokenAndAnyTextAreKept() {
    String longest = "é🦊".repeat(Channels.MAX_TOKEN / 3) + "x";
    ChannelState opened = channels.open(TABLE, "topic 'α' \"🦊\" 0");

    assertThat(channels.move(move(opened, 1, longest, 5))).isTrue();
    assertThat(channels.open(TABLE, opened.channel()).token()).isEqualTo(longest);
  }

  @Test
  void tokenThatIsTooLongOrNoTextIsInvalid() {
    ChannelState opened = channels.open(TABLE, "a");

    assertThatThrownBy(() -> move(opened, 1, "x".repeat(Channels.MAX_TOKEN + 1), 5))
        .isInstanceOf(FirnException.class)
        .hasMessage(
            "Cannot move channel a: its token is too long, expected at most 4000 characters, got"
                + " 4001; keep the rest in a table and its key in the token");
    for (String bad : List.of("a\0b", "\ud83e")) {
      assertThatThrownBy(() -> move(opened, 1, bad, 5))
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("its token is not text");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "a\0b", "\ud83e"})
  void badNameIsInvalid(String name) {
    assertThatThrownBy(() -> channels.open(TABLE, name))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("bad name, expected 1 to 255 characters");
  }

  @Test
  void thousandsOfChannelsMoveInOneSwap() {
    List<ChannelMove> moves = new ArrayList<>();
    List<ChannelState> opened = openMany(3_000);
    opened.forEach(each -> moves.add(move(each, 1, "offset of " + each.channel(), 5)));
    Collections.reverse(moves);

    assertThat(commit(moves.toArray(ChannelMove[]::new))).isInstanceOf(Result.Applied.class);

    assertThat(channels.list(TABLE))
        .hasSize(3_000)
        .allSatisfy(at -> assertThat(at.token()).isEqualTo("offset of " + at.channel()));
  }

  /** Opened in one transaction, to be quick about it. */
  private List<ChannelState> openMany(int count) {
    ChannelState first = channels.open(TABLE, "c0000");
    database.write(
        "open many",
        connection -> {
          try (var insert =
              connection.prepareStatement(
                  "INSERT INTO firn_channels SELECT catalog_name, table_uuid, ?, epoch, steps,"
                      + " removed, token, snapshot_id, updated_at FROM firn_channels WHERE channel"
                      + " = 'c0000'")) {
            for (int i = 1; i < count; i++) {
              insert.setString(1, "c%04d".formatted(i));
              insert.addBatch();
            }
            insert.executeBatch();
          }
          return Database.Decision.commit(true);
        });
    List<ChannelState> all = channels.list(TABLE);
    assertThat(all).hasSize(count).contains(first);
    return all;
  }

  /** Each writer commits until the next one opens; the tokens in the database never go back. */
  @Test
  void writersThatTakeTheChannelFromEachOtherNeverGoBack() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Integer>> work = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        work.add(threads.submit(this::raiseUntilFenced));
      }
      int applied = 0;
      for (Future<Integer> each : work) {
        applied += each.get();
      }
      assertThat(channels.open(TABLE, "a").token()).isEqualTo(Integer.toString(applied));
    } finally {
      threads.shutdownNow();
    }
  }

  private int raiseUntilFenced() {
    int applied = 0;
    for (int round = 0; round < 10; round++) {
      ChannelState opened = channels.open(TABLE, "a");
      int at = opened.token() == null ? 0 : Integer.parseInt(opened.token());
      for (int step = 1; step <= 3; step++) {
        if (!channels.move(move(opened, step, Integer.toString(at + step), 5))) {
          break;
        }
        applied++;
      }
    }
    return applied;
  }

  /** What a fault makes of a database call, and the calls it is tried on. */
  private static Stream<IntFunction<SqlFault>> faults() {
    return Stream.of(
        SqlFault::before,
        SqlFault::after,
        nth -> SqlFault.before(nth).cutting(),
        nth -> SqlFault.after(nth).cutting());
  }

  private interface Attempt {
    void run(Channels faulty, Pointers faultyPointers);
  }

  /** Runs the attempt again and again, each time with another call failing, until none is left. */
  private void failEachCall(IntFunction<SqlFault> fault, Attempt attempt) {
    AtomicReference<FaultyDataSource> source = new AtomicReference<>();
    try (Database faulty =
        Connections.open(
            uri(),
            Map.of(),
            pool -> {
              source.set(new FaultyDataSource(pool));
              return source.get();
            })) {
      int nth = 1;
      do {
        source.get().reset();
        source.get().add(fault.apply(nth++));
        attempt.run(new Channels(faulty, catalog), new Pointers(faulty, catalog));
      } while (source.get().failed() > 0);
      assertThat(nth).isGreaterThan(5);
    }
  }

  @ParameterizedTest
  @MethodSource("faults")
  void epochReturnedIsTheRowsWhateverAnswerIsLost(IntFunction<SqlFault> fault) {
    failEachCall(
        fault,
        (faulty, pointersUnused) -> {
          try {
            ChannelState opened = faulty.open(TABLE, "a");
            assertThat(opened).isEqualTo(channels.list(TABLE).get(0));
          } catch (FirnException | CommitStateUnknownException e) {
            // Not opened, as far as the caller knows: opening again is right in any case.
            assertThat(e).hasMessageContaining("Cannot open channel a");
          }
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void outcomeOfAMoveIsTheRowsWhateverAnswerIsLost(IntFunction<SqlFault> fault) {
    failEachCall(
        fault,
        (faulty, pointersUnused) -> {
          ChannelMove move = move(channels.open(TABLE, "a"), 1, UUID.randomUUID().toString(), 5);
          outcomeIs(move, () -> assertThat(faulty.move(move)).isTrue());
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void outcomeOfASwapIsTheRowsWhateverAnswerIsLost(IntFunction<SqlFault> fault) {
    failEachCall(
        fault,
        (unused, faultyPointers) -> {
          ChannelMove move = move(channels.open(TABLE, "a"), 1, UUID.randomUUID().toString(), 5);
          String to = "to " + move.token();
          String from = pointers.find(ORDERS).orElseThrow();
          Swap swap = new Swap(List.of(new Move(ORDERS, from, to)), List.of(move), List.of());
          outcomeIs(
              move, () -> assertThat(faultyPointers.swap(swap)).isInstanceOf(Result.Applied.class));
          boolean moved = move.token().equals(channels.list(TABLE).get(0).token());
          assertThat(pointers.find(ORDERS)).contains(moved ? to : from);
        });
  }

  private void outcomeIs(ChannelMove move, Runnable attempt) {
    String before = channels.list(TABLE).get(0).token();
    boolean applied;
    try {
      attempt.run();
      applied = true;
    } catch (CommitStateUnknownException e) {
      assertThat(channels.list(TABLE).get(0).token()).isIn(before, move.token());
      return;
    } catch (FirnException e) {
      assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
      applied = false;
    }
    assertThat(channels.list(TABLE).get(0).token()).isEqualTo(applied ? move.token() : before);
  }

  private Result commit(ChannelMove... moves) {
    String to = "m" + (Integer.parseInt(location.substring(1)) + 1);
    Result result = swap(new Move(ORDERS, location, to), List.of(moves));
    if (result instanceof Result.Applied) {
      location = to;
    }
    return result;
  }

  private Result swap(Move move, List<ChannelMove> moves) {
    return pointers.swap(new Swap(List.of(move), moves, List.of()));
  }

  private static ChannelMove move(ChannelState opened, long step, String token, long snapshot) {
    return new ChannelMove(TABLE, opened.channel(), opened.epoch(), step, token, snapshot);
  }
}
