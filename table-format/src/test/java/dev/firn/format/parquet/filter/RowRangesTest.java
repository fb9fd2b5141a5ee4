package dev.firn.format.parquet.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RowRangesTest {
  @Test
  void intersectsAndUnitesAsSetsOfRowsDo() {
    Random random = new Random(5);
    for (int i = 0; i < 2000; i++) {
      BitSet left = random(random);
      BitSet right = random(random);
      BitSet both = (BitSet) left.clone();
      both.and(right);
      BitSet either = (BitSet) left.clone();
      either.or(right);
      assertThat(ranges(left).and(ranges(right))).isEqualTo(ranges(both));
      assertThat(ranges(left).or(ranges(right))).isEqualTo(ranges(either));
      assertThat(ranges(left).rows()).isEqualTo(left.cardinality());
    }
  }

  private static BitSet random(Random random) {
    BitSet bits = new BitSet();
    int density = random.nextInt(10);
    for (int i = 0; i < 40; i++) {
      bits.set(i, random.nextInt(10) < density);
    }
    return bits;
  }

  private static RowRanges ranges(BitSet bits) {
    RowRanges.Builder builder = new RowRanges.Builder();
    bits.stream().forEach(row -> builder.add(row, row + 1));
    return builder.build();
  }

  @Test
  void refusesRangesThatDoNotAscend() {
    RowRanges.Range first = new RowRanges.Range(0, 5);
    RowRanges.Range touching = new RowRanges.Range(5, 9);
    assertThatThrownBy(() -> new RowRanges(List.of(touching, first)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RowRanges(List.of(first, touching)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RowRanges.Range(5, 5))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
