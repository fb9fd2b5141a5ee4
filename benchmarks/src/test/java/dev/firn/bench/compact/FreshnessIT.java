package dev.firn.bench.compact;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A stream into a table that is maintained beside it loses and doubles no row, and its files stay
 * few. {@code -Dfirn.freshness.seconds=3600}: for how long; from ten minutes on its freshness is
 * checked too, which needs a machine that does nothing else.
 */
class FreshnessIT {
  private static final int SECONDS = Integer.getInteger("firn.freshness.seconds", 3);
  private static final int LONG = 600;

  @TempDir Path directory;

  @Test
  void streamStaysFreshAndItsFilesFew() throws Exception {
    Freshness.Figures figures = new Freshness(SECONDS).measure(directory);

    assertThat(figures.everyRowOnce()).as(figures.toString()).isTrue();
    assertThat(figures.work().failed()).as(figures.toString()).isZero();
    if (SECONDS >= LONG) {
      assertThat(figures.mostFiles()).as(figures.toString()).isLessThan(Freshness.MOST_FILES);
      assertThat(figures.p99Seconds()).as(figures.toString()).isLessThanOrEqualTo(1);
    }
  }
}
