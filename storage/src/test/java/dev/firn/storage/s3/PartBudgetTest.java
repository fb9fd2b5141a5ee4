package dev.firn.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PartBudgetTest {
  @Test
  void waitsUntilThereIsRoom() throws Exception {
    PartBudget budget = new PartBudget(10 << 10);
    int first = budget.acquire(8 << 10);
    CompletableFuture<Integer> second =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return budget.acquire(4 << 10);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    assertThat(budget.freeBytes()).isEqualTo(2 << 10);
    assertThat(second).isNotDone();
    budget.release(first);
    budget.release(second.get(2, TimeUnit.MINUTES));
    assertThat(budget.freeBytes()).isEqualTo(10 << 10);
  }

  @Test
  void letsAPartThatIsLargerGoAlone() throws Exception {
    PartBudget budget = new PartBudget(10 << 10);
    int all = budget.acquire(1 << 30);
    assertThat(budget.freeBytes()).isZero();
    budget.release(all);
    assertThat(budget.freeBytes()).isEqualTo(10 << 10);
  }

  @Test
  void endsTheWaitOfAThreadThatIsInterrupted() throws Exception {
    PartBudget budget = new PartBudget(1);
    int all = budget.acquire(1);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> budget.acquire(1)).isInstanceOf(InterruptedException.class);
    budget.release(all);
    assertThat(budget.freeBytes()).isEqualTo(1 << 10);
  }
}
