package dev.firn.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.FirnException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartSizesTest {
  private static final long MIB = 1 << 20;

  @ParameterizedTest
  @ValueSource(longs = {5 * MIB, 8 * MIB, 32 * MIB, 100 * MIB, 1024 * MIB, 5120 * MIB})
  void reachesTheLargestObjectWithinTheMostParts(long first) {
    PartSizes sizes = new PartSizes(first);
    long total = 0;
    for (int number = 1; number <= PartSizes.MAX_PARTS; number++) {
      assertThat(sizes.of(number)).isBetween(first, PartSizes.MAX_PART_BYTES);
      total += sizes.of(number);
    }
    assertThat(total).isGreaterThanOrEqualTo(5L << 40);
  }

  @Test
  void keepsPartsSmallForFilesOfUsualSize() {
    PartSizes sizes = new PartSizes(8 * MIB);
    assertThat(sizes.of(1)).isEqualTo(8 * MIB);
    assertThat(sizes.of(900)).as("within 7 GB").isEqualTo(8 * MIB);
    assertThat(sizes.of(1900)).as("within 22 GB").isEqualTo(16 * MIB);
  }

  @Test
  void refusesOnePartMore() {
    assertThatThrownBy(() -> new PartSizes(8 * MIB).of(PartSizes.MAX_PARTS + 1))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("at most 10000")
        .hasMessageContaining("s3.multipart.part-size-bytes");
  }
}
