package dev.firn.compaction;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TempoTest {
  private final AtomicLong clock = new AtomicLong(17);
  private final AtomicLong paused = new AtomicLong();

  private Tempo tempo(long bytesPerSecond, Duration limit) {
    return new Tempo(
        bytesPerSecond,
        limit,
        clock::get,
        nanos -> {
          // Wakes early, as threads do.
          long slept = Math.min(nanos, 300_000_000);
          clock.addAndGet(slept);
          paused.addAndGet(slept);
        });
  }

  @Test
  void pausesUntilTheBytesReadAreAllowed() {
    Tempo tempo = tempo(1000, Duration.ofDays(1));

    tempo.read(500);
    assertThat(paused).hasValue(500_000_000);
    clock.addAndGet(2_000_000_000);
    tempo.read(1000);
    assertThat(paused).hasValue(500_000_000);
    tempo.read(2000);
    assertThat(paused).hasValue(1_500_000_000);
  }

  @Test
  void thereIsTimeForWhatTheSpeedSoFarAllows() {
    Tempo tempo = tempo(Long.MAX_VALUE, Duration.ofSeconds(10));

    assertThat(tempo.hasTimeFor(1L << 40)).as("the first").isTrue();
    clock.addAndGet(2_000_000_000);
    tempo.read(1000);
    assertThat(tempo.hasTimeFor(3999)).isTrue();
    assertThat(tempo.hasTimeFor(4001)).isFalse();
    clock.addAndGet(8_000_000_000L);
    assertThat(tempo.hasTimeFor(0)).isFalse();
  }
}
