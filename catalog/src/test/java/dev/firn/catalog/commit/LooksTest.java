package dev.firn.catalog.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.format.write.CommitTurn;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.apache.iceberg.catalog.TableIdentifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nothing takes any time here, unless the test says so. */
@Timeout(300)
class LooksTest {
  private static final TableIdentifier TABLE = TableIdentifier.of("shop", "orders");
  private static final TableIdentifier OTHER = TableIdentifier.of("shop", "items");

  private final Looks looks = new Looks(() -> 0);
  private Thread thread = Thread.currentThread();

  private FutureTask<CommitTurn.Look> waiting(Callable<CommitTurn.Look> call) {
    FutureTask<CommitTurn.Look> task = new FutureTask<>(call);
    thread = new Thread(task);
    thread.start();
    while (thread.getState() != Thread.State.TIMED_WAITING && !task.isDone()) {
      Thread.onSpinWait();
    }
    return task;
  }

  @Test
  void aClaimWaitsForALookThatBeganAMomentAgo() throws Exception {
    CommitTurn.Look look = looks.look(TABLE);
    FutureTask<CommitTurn.Look> claim = waiting(() -> looks.claim(TABLE));
    assertThat(claim).isNotDone();

    look.close();
    claim.get().close();
  }

  @Test
  void aLookWaitsForAClaimAlsoForOneThatStillWaits() throws Exception {
    CommitTurn.Look first = looks.look(TABLE);
    FutureTask<CommitTurn.Look> claim = waiting(() -> looks.claim(TABLE));
    FutureTask<CommitTurn.Look> second = waiting(() -> looks.look(TABLE));
    assertThat(second).isNotDone();

    first.close();
    CommitTurn.Look claimed = claim.get();
    assertThat(second).isNotDone();
    claimed.close();
    second.get().close();
    looks.claim(TABLE).close();
  }

  @Test
  void tablesAndLooksDoNotWaitForEachOther() {
    CommitTurn.Look claim = looks.claim(TABLE);
    CommitTurn.Look one = looks.look(OTHER);
    CommitTurn.Look two = looks.look(OTHER);
    looks.claim(TABLE).close();
    claim.close();
    two.close();
    one.close();
    one.close();
  }

  @Test
  void neitherWaitsForLongForWhatDoesNotEnd() {
    Looks timed = new Looks();
    timed.look(TABLE);
    timed.claim(TABLE);
    assertThat(timed.look(TABLE)).isNotNull();
  }

  @Test
  void anInterruptedClaimIsNone() throws Exception {
    CommitTurn.Look look = looks.look(TABLE);
    FutureTask<CommitTurn.Look> claim = waiting(() -> looks.claim(TABLE));
    thread.interrupt();

    assertThatThrownBy(claim::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(CancellationException.class)
        .hasMessageContaining("the thread was interrupted");
    looks.look(TABLE).close();
    look.close();
  }

  @Test
  void anInterruptedLookGoesOnAndIsStillInterrupted() throws Exception {
    CommitTurn.Look claim = looks.claim(TABLE);
    FutureTask<Boolean> flag =
        new FutureTask<>(
            () -> {
              looks.look(TABLE).close();
              return Thread.currentThread().isInterrupted();
            });
    Thread looking = new Thread(flag);
    looking.start();
    looking.interrupt();

    assertThat(flag.get()).isTrue();
    claim.close();
  }
}
