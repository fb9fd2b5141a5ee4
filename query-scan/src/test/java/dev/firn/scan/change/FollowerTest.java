package dev.firn.scan.change;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.scan.Decoding;
import dev.firn.scan.change.Feed.Change;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FollowerTest {
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));
  private static final Duration NO_WAIT = Duration.ZERO;

  private final TableFixture fixture = TableFixture.open();

  @AfterEach
  void close() {
    fixture.close();
  }

  private Follower follow(Table table, ChangeRequest request, int backlog) {
    Table own = fixture.reload(table);
    return new Follower(
        () -> {
          own.refresh();
          return own;
        },
        request,
        Decoding.INLINE,
        Duration.ofMillis(5),
        backlog);
  }

  private Follower follow(Table table, ChangeRequest request) {
    return follow(table, request, Integer.MAX_VALUE);
  }

  private static ChangeRequest after(FeedToken token) {
    return ChangeRequest.EVERYTHING.from(new ChangePoint.Token(FeedToken.parse(token.toString())));
  }

  private static List<Change> read(FollowedChanges changes) {
    List<Change> all = new ArrayList<>();
    try (BufferAllocator allocator = new RootAllocator();
        CloseableIterable<Record> rows = changes.read(allocator)) {
      rows.forEach(row -> all.add(Feed.change(row)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  @Test
  void resumedAfterEachTokenEveryChangeComesExactlyOnce() {
    long seed = Long.getLong("firn.changes.seed", 0) + 7;
    System.out.println("FollowerTest -Dfirn.changes.seed=" + (seed - 7));
    RandomTable history = new RandomTable(fixture, new Random(seed));
    List<List<Object>> followed = new ArrayList<>();
    Follower follower = follow(history.table(), ChangeRequest.EVERYTHING);
    for (int step = 0; step < 25; step++) {
      history.step();
      for (FollowedChanges next = follower.next(NO_WAIT);
          next != null;
          next = follower.next(NO_WAIT)) {
        read(next).forEach(change -> followed.add(seen(change)));
        follower.close();
        follower = follow(history.table(), after(next.token()));
      }
    }
    history.table().refresh();
    assertThat(followed).isNotEmpty();
    assertThat(followed)
        .containsExactlyElementsOf(
            Feed.read(history.table(), ChangeRequest.EVERYTHING.select(List.of("id"))).stream()
                .map(FollowerTest::seen)
                .toList());
  }

  /** What stays the same though the schema evolves. */
  private static List<Object> seen(Change change) {
    return List.of(change.type(), change.snapshot(), change.row().get(0));
  }

  @Test
  void theTokenIsBehindWhatWasReadOnceTheNextIsAskedFor() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, row(SCHEMA, 1L));
    Follower follower = follow(table, ChangeRequest.EVERYTHING);
    FeedToken first = follower.token();

    FollowedChanges changes = follower.next(NO_WAIT);
    assertThat(follower.token()).isEqualTo(first);
    assertThat(first.snapshotId()).isEqualTo(FeedToken.NOTHING);

    assertThat(follower.next(NO_WAIT)).isNull();
    assertThat(follower.token()).isEqualTo(changes.token()).isNotEqualTo(first);
  }

  @Test
  void waitsForASnapshotOfAnotherHandle() throws Exception {
    Table table = fixture.create(SCHEMA, 2);
    try (Follower follower = follow(table, ChangeRequest.EVERYTHING)) {
      FutureTask<FollowedChanges> next = new FutureTask<>(() -> follower.next(Duration.ofDays(1)));
      new Thread(next, "follower").start();
      append(table, row(SCHEMA, 1L));
      assertThat(read(next.get(2, TimeUnit.MINUTES))).hasSize(1);
    }
  }

  @Test
  void closingEndsTheWaitAtOnce() throws Exception {
    Table table = fixture.create(SCHEMA, 2);
    Follower follower = follow(table, ChangeRequest.EVERYTHING);
    CountDownLatch waiting = new CountDownLatch(1);
    FutureTask<FollowedChanges> next =
        new FutureTask<>(
            () -> {
              waiting.countDown();
              return follower.next(Duration.ofDays(1));
            });
    new Thread(next, "follower").start();
    waiting.await();
    follower.close();
    assertThat(next.get(2, TimeUnit.MINUTES)).isNull();
    append(table, row(SCHEMA, 1L));
    assertThat(follower.next(NO_WAIT)).isNull();
  }

  @Test
  void aBacklogBeyondTheLimitIsReadAsOne() {
    Table table = fixture.create(SCHEMA, 2);
    for (long id = 0; id < 5; id++) {
      append(table, row(SCHEMA, id));
    }
    table
        .newDelete()
        .deleteFromRowFilter(org.apache.iceberg.expressions.Expressions.equal("id", 2L))
        .commit();
    Follower follower = follow(table, ChangeRequest.EVERYTHING, 3);
    List<Change> changes = read(follower.next(NO_WAIT));
    assertThat(changes.stream().map(change -> change.row().get(0)))
        .containsExactlyInAnyOrder(0L, 1L, 3L, 4L);
    assertThat(follower.next(NO_WAIT)).isNull();
  }

  @Test
  void whatHasExpiredIsToldWithTheOldestToStartFrom() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, row(SCHEMA, 1L));
    Follower follower = follow(table, ChangeRequest.EVERYTHING);
    assertThat(follower.next(NO_WAIT)).isNotNull();
    assertThat(follower.next(NO_WAIT)).isNull();
    for (long id = 2; id < 6; id++) {
      append(table, row(SCHEMA, id));
    }
    table.expireSnapshots().expireOlderThan(Long.MAX_VALUE).retainLast(2).commit();
    long oldest = table.currentSnapshot().parentId();

    assertThatThrownBy(() -> follower.next(NO_WAIT))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND))
        .hasMessageContaining("has expired")
        .hasMessageContaining("the oldest to start from is " + oldest);
    ChangeRequest again = ChangeRequest.EVERYTHING.from(new ChangePoint.Id(oldest));
    assertThat(read(follow(table, again).next(NO_WAIT))).hasSize(1);
  }

  @Test
  void aTokenOfAnotherTableOrOfNoneIsRefused() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, row(SCHEMA, 1L));
    Table other = fixture.create(SCHEMA, 2);
    FeedToken token = follow(table, ChangeRequest.EVERYTHING).token();

    assertThatThrownBy(() -> follow(other, after(token)))
        .hasMessageContaining("it is another table's")
        .hasMessageContaining("start without a token");
    assertThatThrownBy(() -> FeedToken.parse("nonsense"))
        .hasMessageContaining("'nonsense' is none");
    assertThat(FeedToken.parse(token + "\n")).isEqualTo(token);
  }

  @Test
  void aRollbackBelowWhatWasReadIsToldWithTheRemedy() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, row(SCHEMA, 1L));
    long first = table.currentSnapshot().snapshotId();
    append(table, row(SCHEMA, 2L));
    Follower follower = follow(table, ChangeRequest.EVERYTHING.from(new ChangePoint.Ref("main")));
    table.manageSnapshots().rollbackTo(first).commit();
    append(table, row(SCHEMA, 3L));

    assertThatThrownBy(() -> follower.next(NO_WAIT))
        .hasMessageContaining("is no ancestor")
        .hasMessageContaining("net difference")
        .hasMessageContaining("start from " + first);
  }
}
