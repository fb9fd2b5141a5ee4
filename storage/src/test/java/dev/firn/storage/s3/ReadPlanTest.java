package dev.firn.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.storage.ByteRange;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadPlanTest {
  private static final int GAP = (int) ReadPlan.LARGEST_GAP;
  private static final int LARGEST = (int) ReadPlan.LARGEST_REQUEST;

  private static ByteRange range(long position, int count) {
    return new ByteRange(position, ByteBuffer.allocate(count));
  }

  /** First and last position of each request. */
  private static List<List<Long>> requests(ByteRange... ranges) {
    return ReadPlan.of(List.of(ranges)).stream()
        .map(each -> List.of(each.get(0).position(), each.get(each.size() - 1).end()))
        .toList();
  }

  @Test
  void nearRangesAreOneRequestInWhateverOrder() {
    assertThat(requests(range(100 + GAP, 10), range(0, 100), range(50 + 100 + GAP, 7)))
        .containsExactly(List.of(0L, 157L + GAP));
  }

  @Test
  void farRangesAreRequestsOfTheirOwn() {
    assertThat(requests(range(0, 100), range(101 + GAP, 10)))
        .containsExactly(List.of(0L, 100L), List.of(101L + GAP, 111L + GAP));
  }

  @Test
  void longRunsAreCutIntoEqualParts() {
    assertThat(requests(range(5, LARGEST))).containsExactly(List.of(5L, 5L + LARGEST));
    assertThat(requests(range(0, LARGEST + 2)))
        .containsExactly(List.of(0L, LARGEST / 2 + 1L), List.of(LARGEST / 2 + 1L, LARGEST + 2L));
  }

  @Test
  void cutGapIsNotRead() {
    int half = LARGEST / 2;
    assertThat(requests(range(0, half), range(half + 1000, half)))
        .containsExactly(List.of(0L, (long) half), List.of(half + 1000L, 1000L + LARGEST));
  }

  @Test
  void targetsAreFilledThroughTheirSlices() {
    ByteBuffer target = ByteBuffer.allocate(LARGEST + 10);
    target.position(3).limit(LARGEST + 8);
    for (List<ByteRange> request : ReadPlan.of(List.of(new ByteRange(70, target)))) {
      for (ByteRange range : request) {
        for (int i = 0; range.target().hasRemaining(); i++) {
          range.target().put((byte) (range.position() + i));
        }
      }
    }
    for (int i = 3; i < LARGEST + 8; i++) {
      if (target.get(i) != (byte) (70 + i - 3)) {
        assertThat(i).as("first wrong byte").isNegative();
      }
    }
    assertThat(target.get(2)).isZero();
    assertThat(target.array()[LARGEST + 8]).isZero();
    assertThat(target.position()).isEqualTo(3);
  }

  @Test
  void emptyRangesNeedNoRequest() {
    assertThat(requests(range(7, 0))).isEmpty();
    assertThat(ReadPlan.of(List.of())).isEmpty();
  }
}
