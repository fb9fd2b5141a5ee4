package dev.firn.format.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnsTest {
  private final Turns turns = new Turns();
  private final List<Integer> written = new ArrayList<>();

  private boolean leave(int column) {
    return turns.leave(column, () -> written.add(column));
  }

  @Test
  void columnsThatWereLeftAreWrittenInOrderByWhoeverWasBeforeThem() {
    assertThat(leave(2)).isTrue();
    assertThat(leave(1)).isTrue();
    assertThat(leave(4)).isTrue();
    assertThat(leave(0)).as("it is its turn").isFalse();

    turns.done(0);

    assertThat(written).containsExactly(1, 2);
    assertThat(turns.is(3)).isTrue();
    turns.done(3);
    assertThat(written).containsExactly(1, 2, 4);
    assertThat(turns.is(5)).isTrue();
  }

  @Test
  void nothingIsLeftWhereTooMuchIsKept() {
    turns.keep(Turns.MOST + 1);
    assertThat(turns.isFull()).isTrue();
    assertThat(leave(1)).isFalse();

    turns.keep(-1);

    assertThat(leave(1)).isTrue();
  }

  @Test
  void failureOfOneColumnEndsTheOthers() throws InterruptedException {
    List<Throwable> thrown = new ArrayList<>();
    Thread waiting = new Thread(() -> turns.await(1));
    waiting.setUncaughtExceptionHandler((thread, e) -> thrown.add(e));
    waiting.start();
    while (waiting.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }

    turns.fail();
    waiting.join();

    assertThat(thrown).singleElement().isInstanceOf(IllegalStateException.class);
    assertThat(leave(2)).isFalse();
    assertThat(turns.is(0)).isFalse();
    assertThatThrownBy(() -> turns.await(0)).isInstanceOf(IllegalStateException.class);
  }
}
