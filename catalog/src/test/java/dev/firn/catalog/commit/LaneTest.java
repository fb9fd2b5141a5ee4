package dev.firn.catalog.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.FirnException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.apache.iceberg.IsolationLevel;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The order of things in a lane; groups end when the test says so. */
@Timeout(300)
class LaneTest {
  private static final TableIdentifier TABLE = TableIdentifier.of("shop", "orders");

  private final Recorder host = new Recorder();
  private final Lane lane = new Lane(host);

  /** Records what the lane asks for, and does nothing. */
  private static final class Recorder implements Lane.Host {
    final List<List<Member>> groups = new ArrayList<>();
    final List<Long> wakes = new ArrayList<>();
    final List<Lane.Hold> ends = new ArrayList<>();
    int forgotten;

    @Override
    public synchronized void start(Lane lane, List<Member> group) {
      groups.add(group);
    }

    @Override
    public synchronized void wakeAfter(Lane lane, long nanos) {
      wakes.add(nanos);
    }

    @Override
    public synchronized void endAfter(Lane.Hold hold, Duration atMost) {
      ends.add(hold);
    }

    @Override
    public synchronized void forget(Lane lane) {
      forgotten++;
    }

    synchronized boolean isIdle() {
      return groups.isEmpty();
    }

    synchronized List<Member> last() {
      return groups.get(groups.size() - 1);
    }
  }

  @Test
  void firstRunsAloneAndTheRestTogetherInOrder() {
    Member first = put(Duration.ZERO);
    List<Member> rest = List.of(put(Duration.ZERO), put(Duration.ZERO), put(Duration.ZERO));
    assertThat(host.groups).containsExactly(List.of(first));

    lane.done();
    assertThat(host.last()).isEqualTo(rest);
  }

  @Test
  void idleLaneIsForgottenAndTakesNothing() {
    put(Duration.ZERO);
    lane.done();

    assertThat(host.forgotten).isEqualTo(1);
    assertThat(lane.put(member(Duration.ZERO))).isFalse();
    assertThat(lane.hold(null)).isNull();
  }

  @Test
  void membersWaitForCompanyUntilOneIsDue() {
    Member patient = put(Duration.ofHours(1));
    assertThat(host.groups).isEmpty();
    assertThat(host.wakes)
        .singleElement()
        .satisfies(n -> assertThat(n).isGreaterThan(3_000_000_000_000L));
    put(Duration.ofHours(2));
    assertThat(host.wakes).hasSize(1);
    put(Duration.ofMinutes(1));
    assertThat(host.wakes).hasSize(2);

    Member urgent = put(Duration.ZERO);
    assertThat(host.last()).hasSize(4).startsWith(patient).endsWith(urgent);
  }

  @Test
  void dueMemberRunsWhenWoken() {
    long[] now = {System.nanoTime()};
    Lane timed = new Lane(host, () -> now[0]);
    Member member = member(Duration.ofMillis(5));
    assertThat(timed.put(member)).isTrue();
    timed.wake();
    assertThat(host.groups).isEmpty();

    now[0] = member.due();
    timed.wake();
    assertThat(host.groups).containsExactly(List.of(member));
  }

  @Test
  void fullGroupDoesNotWait() {
    for (int i = 0; i < 2_000; i++) {
      assertThat(host.groups).isEmpty();
      put(Duration.ofHours(1));
    }
    assertThat(host.last()).hasSize(2_000);
  }

  @Test
  void withdrawnMemberIsNotCommitted() {
    put(Duration.ZERO);
    Member kept = put(Duration.ZERO);
    Member gone = put(Duration.ZERO);

    assertThat(lane.withdraw(gone)).isTrue();
    assertThat(lane.withdraw(gone)).isFalse();
    lane.done();
    assertThat(host.last()).containsExactly(kept);
    assertThat(lane.withdraw(kept)).isFalse();
  }

  @Test
  void sectionsAndGroupsTakeTurns() throws Exception {
    put(Duration.ZERO);
    FutureTask<Lane.Hold> one = inThread(() -> lane.hold(null));
    FutureTask<Lane.Hold> two = inThread(() -> lane.hold(null));
    put(Duration.ZERO);
    awaitWaiting(2);

    lane.done();
    // A section first, because a group has just been.
    assertThat(host.groups).hasSize(1);
    FutureTask<Lane.Hold> granted = firstDone(one, two);
    FutureTask<Lane.Hold> other = granted == one ? two : one;
    put(Duration.ZERO);
    granted.get().close();
    assertThat(host.groups).hasSize(2);
    assertThat(host.last()).hasSize(2);
    assertThat(other).isNotDone();
    lane.done();
    other.get().close();
    assertThat(host.forgotten).isEqualTo(1);
  }

  @Test
  void memberOfASectionGoesFirst() {
    Lane.Hold hold = lane.hold(Duration.ofSeconds(1));
    assertThat(host.ends).containsExactly(hold);
    put(Duration.ZERO);
    assertThat(host.groups).isEmpty();

    Member loser = member(Duration.ZERO);
    assertThat(lane.putAfter(hold, loser)).isTrue();
    assertThat(host.last()).hasSize(2).startsWith(loser);
    hold.close();
    lane.done();
    assertThat(host.forgotten).isEqualTo(1);
  }

  @Test
  void sectionThatTookTooLongIsOver() {
    Lane.Hold hold = lane.hold(Duration.ofSeconds(1));
    Member other = put(Duration.ZERO);
    hold.close();
    assertThat(host.last()).containsExactly(other);

    Member late = member(Duration.ZERO);
    assertThat(lane.putAfter(hold, late)).isTrue();
    lane.done();
    assertThat(host.last()).containsExactly(late);
  }

  @Test
  void fullLaneLetsSubmittersWait() throws Exception {
    put(Duration.ZERO);
    for (int i = 0; i < Lane.MOST_PENDING; i++) {
      put(Duration.ZERO);
    }
    FutureTask<Boolean> waiting = inThread(() -> lane.put(member(Duration.ZERO)));
    FutureTask<Boolean> cancelled =
        new FutureTask<>(
            () -> {
              assertThatThrownBy(() -> lane.put(member(Duration.ZERO)))
                  .isInstanceOf(CancellationException.class);
              return Thread.currentThread().isInterrupted();
            });
    Thread interrupted = new Thread(cancelled);
    interrupted.start();
    interrupted.interrupt();

    assertThat(cancelled.get()).isTrue();
    assertThat(waiting).isNotDone();
    lane.done();
    assertThat(waiting.get()).isTrue();
  }

  @Test
  void closingRunsWhatWaitsAndTakesNoMore() throws Exception {
    Member patient = put(Duration.ofHours(1));
    FutureTask<Boolean> closing =
        inThread(
            () -> {
              lane.close();
              return true;
            });
    while (host.isIdle()) {
      Thread.onSpinWait();
    }
    assertThat(host.last()).containsExactly(patient);
    assertThat(closing).isNotDone();
    assertThatThrownBy(() -> lane.put(member(Duration.ZERO)))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("the catalog has been closed");
    lane.done();
    assertThat(closing.get()).isTrue();
    assertThat(host.forgotten).isEqualTo(1);
  }

  private Member put(Duration within) {
    Member member = member(within);
    assertThat(lane.put(member)).isTrue();
    return member;
  }

  private static Member member(Duration within) {
    RowChange change =
        new RowChange(
            "main",
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            null,
            Expressions.alwaysFalse(),
            IsolationLevel.SERIALIZABLE,
            Map.of());
    return RowMember.of(TABLE, "uuid", CommitLake.within(change, within));
  }

  private static <T> FutureTask<T> inThread(java.util.concurrent.Callable<T> work)
      throws InterruptedException {
    CountDownLatch started = new CountDownLatch(1);
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              started.countDown();
              return work.call();
            });
    Thread thread = new Thread(task, "lane-test");
    thread.setDaemon(true);
    thread.start();
    started.await();
    return task;
  }

  private void awaitWaiting(int sections) {
    while (lane.sectionsWaiting() < sections) {
      Thread.onSpinWait();
    }
  }

  private static FutureTask<Lane.Hold> firstDone(
      FutureTask<Lane.Hold> one, FutureTask<Lane.Hold> two) {
    while (!one.isDone() && !two.isDone()) {
      Thread.onSpinWait();
    }
    return one.isDone() ? one : two;
  }
}
