package dev.firn.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class S3PaceTest {
  private static void calls(S3Pace pace, int count) {
    for (int i = 0; i < count; i++) {
      pace.enter();
      pace.leave();
    }
  }

  @Test
  void manyAnswersOfOneMomentCountOnce() {
    S3Pace pace = new S3Pace(60);
    for (int i = 0; i < 60; i++) {
      pace.slowDown();
    }
    assertThat(pace.limit()).isEqualTo(40);
  }

  @Test
  void slowsDownToOneAndRecovers() {
    S3Pace pace = new S3Pace(60);
    for (int i = 0; i < 100; i++) {
      pace.slowDown();
      calls(pace, 60);
    }
    int slow = pace.limit();
    assertThat(slow).isLessThan(60);

    calls(pace, 4_000);
    assertThat(pace.limit()).isEqualTo(60);
  }

  @Test
  void neverStops() {
    S3Pace pace = new S3Pace(1);
    pace.slowDown();
    calls(pace, 1);
    pace.slowDown();
    assertThat(pace.limit()).isEqualTo(1);
    calls(pace, 3);
  }
}
