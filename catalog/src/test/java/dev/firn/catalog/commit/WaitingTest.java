package dev.firn.catalog.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.FirnException;
import dev.firn.testing.Fault;
import dev.firn.testing.FileOperation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.TableMetadata;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Those who wait for a commit, and those who are told of it afterwards. */
@Timeout(300)
class WaitingTest {
  @TempDir Path directory;

  private CommitLake lake;

  @BeforeEach
  void open() {
    lake = new CommitLake(directory);
    lake.create(2);
  }

  @AfterEach
  void close() {
    lake.close();
  }

  @Test
  void interruptedWaiterWithdrawsWhatHasNotBegun() throws Exception {
    FutureTask<Boolean> waiter =
        new FutureTask<>(
            () -> {
              Thread.currentThread().interrupt();
              assertThatThrownBy(() -> lake.commit(CommitLake.append(lake.file("a", "gone"))))
                  .isInstanceOf(CancellationException.class)
                  .hasMessageContaining("nothing was applied");
              return Thread.interrupted();
            });
    lake.together(
        () -> {
          Thread thread = new Thread(waiter);
          thread.start();
          join(thread);
        });

    assertThat(waiter.get()).isTrue();
    lake.commit(CommitLake.append(lake.file("a", "kept")));
    assertThat(lake.visible()).containsExactly("kept");
  }

  @Test
  void interruptedWaiterLearnsTheOutcomeOfWhatHasBegun() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    FutureTask<Boolean> waiter =
        new FutureTask<>(
            () -> {
              CompletableFuture<CommitReceipt> commit =
                  lake.submit(CommitLake.append(lake.file("a", "kept")));
              begun.await();
              Thread.currentThread().interrupt();
              goOn.countDown();
              assertThat(Futures.await(commit)).isNotNull();
              return Thread.interrupted();
            });
    lake.files.add(
        new Fault(
            FileOperation.CREATE,
            location -> {
              begun.countDown();
              await(goOn);
              return false;
            },
            1,
            Fault.Moment.BEFORE,
            IOException::new));
    Thread thread = new Thread(waiter);
    thread.start();

    assertThat(waiter.get()).isTrue();
    assertThat(lake.visible()).containsExactly("kept");
  }

  @Test
  void cancelledCommitIsWithdrawn() {
    lake.together(
        () -> {
          CompletableFuture<CommitReceipt> commit =
              lake.submit(CommitLake.append(lake.file("a", "gone")));
          assertThat(commit.cancel(false)).isTrue();
          assertThat(commit).isCancelled();
        });
    CompletableFuture<CommitReceipt> kept = lake.submit(CommitLake.append(lake.file("a", "kept")));
    Futures.await(kept);
    assertThat(kept.cancel(true)).isFalse();
    assertThat(lake.visible()).containsExactly("kept");
  }

  @Test
  void patientCommitIsBroughtAboutByItsDeadline() {
    long start = System.nanoTime();
    Futures.await(
        lake.commits.submit(
            CommitLake.ORDERS,
            CommitLake.within(CommitLake.append(lake.file("a", "one")), Duration.ofMillis(50))));
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(50_000_000L);
    assertThat(lake.visible()).containsExactly("one");
  }

  @Test
  void closingBringsPatientCommitsToTheirOutcome() {
    CompletableFuture<CommitReceipt> patient =
        lake.commits.submit(
            CommitLake.ORDERS,
            CommitLake.within(CommitLake.append(lake.file("a", "one")), Duration.ofHours(1)));
    lake.commits.close();

    assertThat(patient).isCompleted();
    assertThatThrownBy(() -> lake.commit(CommitLake.append(lake.file("a"))))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("the catalog has been closed");
    lake.close();
    lake = new CommitLake(directory);
    assertThat(lake.visible()).containsExactly("one");
  }

  @Test
  void listenersAreToldAfterwardsAndHoldNobodyUp() throws Exception {
    LinkedBlockingQueue<TableMetadata> told = new LinkedBlockingQueue<>();
    CountDownLatch goOn = new CountDownLatch(1);
    lake.commits.listen(
        (table, current) -> {
          told.add(current);
          await(goOn);
          throw new IllegalStateException("a listener's failure is nobody's");
        });
    CommitReceipt receipt = lake.commit(CommitLake.append(lake.file("a")));
    TableMetadata first = told.poll(2, TimeUnit.MINUTES);
    assertThat(first.currentSnapshot().snapshotId()).isEqualTo(receipt.snapshotId());
    CommitReceipt last = null;
    for (int i = 0; i < 5; i++) {
      last = lake.commit(CommitLake.append(lake.file("a")));
    }
    assertThat(told).isEmpty();

    goOn.countDown();
    TableMetadata rest = told.poll(2, TimeUnit.MINUTES);
    if (rest.currentSnapshot().snapshotId() != last.snapshotId()) {
      // The last is acknowledged a moment before it is there to be told.
      rest = told.poll(2, TimeUnit.MINUTES);
    }
    assertThat(rest.currentSnapshot().snapshotId()).isEqualTo(last.snapshotId());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
