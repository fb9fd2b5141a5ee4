package dev.firn.compaction.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DepthTest {
  private static final long SEED = Long.getLong("firn.groups.seed", 20_260_711L);

  private static final Comparator<Object> INTS = Comparator.comparing(value -> (Integer) value);

  private static KeyRange range(int low, int high) {
    return new KeyRange(List.of(low), List.of(high));
  }

  private static KeyRange range(int low, int high, int low2, int high2) {
    return new KeyRange(List.of(low, low2), List.of(high, high2));
  }

  @Test
  void filesThatTouchDoNotOverlap() {
    assertThat(Depth.of(List.of(range(1, 5), range(5, 5), range(5, 5), range(5, 9)), List.of(INTS)))
        .containsExactly(1, 1, 1, 1);
  }

  @Test
  void filesOfOneValueAreToldApartByTheNextColumn() {
    List<KeyRange> ranges =
        List.of(range(5, 5, 1, 3), range(5, 5, 2, 9), range(5, 5, 9, 12), range(1, 9, 0, 1));

    assertThat(Depth.of(ranges, List.of(INTS, INTS))).containsExactly(3, 3, 2, 3);
  }

  @Test
  void isAsCountedOneByOne() {
    Random random = new Random(SEED);
    for (int run = 0; run < 300; run++) {
      List<KeyRange> ranges = new ArrayList<>();
      int count = 1 + random.nextInt(20);
      for (int i = 0; i < count; i++) {
        int low = random.nextInt(20);
        ranges.add(range(low, low + random.nextInt(6)));
      }
      assertThat(Depth.of(ranges, List.of(INTS)))
          .as("seed %d, run %d, %s", SEED, run, ranges)
          .isEqualTo(counted(ranges));
    }
  }

  /** At every value, and between each two. */
  private static int[] counted(List<KeyRange> ranges) {
    int[] depths = new int[ranges.size()];
    for (double at = 0; at < 30; at += 0.5) {
      int over = 0;
      int points = 0;
      for (KeyRange range : ranges) {
        over += low(range) < at && at < high(range) ? 1 : 0;
        points = low(range) == at && high(range) == at ? 1 : points;
      }
      for (int i = 0; i < depths.length; i++) {
        KeyRange range = ranges.get(i);
        if ((low(range) < at && at < high(range)) || (low(range) == at && high(range) == at)) {
          depths[i] = Math.max(depths[i], over + points);
        }
      }
    }
    return depths;
  }

  private static int low(KeyRange range) {
    return (Integer) range.lows().get(0);
  }

  private static int high(KeyRange range) {
    return (Integer) range.highs().get(0);
  }
}
