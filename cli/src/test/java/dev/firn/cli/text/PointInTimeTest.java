package dev.firn.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.FirnException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PointInTimeTest {
  private static final Clock NOW =
      Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);

  @Test
  void readsDigitsAsASnapshot() {
    assertThat(PointInTime.parse("4358109269724410237", NOW))
        .isEqualTo(new PointInTime.Snapshot(4358109269724410237L));
  }

  @ParameterizedTest
  @CsvSource({
    "2026-01-31,2026-01-31T00:00:00Z",
    "2026-01-31T12:30:00,2026-01-31T12:30:00Z",
    "2026-01-31 12:30:00,2026-01-31T12:30:00Z",
    "2026-01-31T12:30:00Z,2026-01-31T12:30:00Z",
    "2026-01-31T12:30:00.123456+02:00,2026-01-31T10:30:00.123456Z",
    "2h,2026-03-01T10:00:00Z",
    "7d,2026-02-22T12:00:00Z"
  })
  void readsTimesInUtcUnlessAnOffsetStands(String text, Instant expected) {
    assertThat(PointInTime.parse(text, NOW)).isEqualTo(new PointInTime.At(expected));
    assertThat(PointInTime.instant(text, NOW)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"audit", "before-migration", "v1.2", "2026-q1"})
  void readsAnythingElseAsABranchOrTag(String text) {
    assertThat(PointInTime.parse(text, NOW)).isEqualTo(new PointInTime.Ref(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-02-30", "2026-1-31", "2026-01-31T25:00:00"})
  void refusesADateThatIsNone(String text) {
    assertThatThrownBy(() -> PointInTime.parse(text, NOW))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("Cannot read time '" + text + "'");
  }

  @Test
  void refusesAnIdTooLargeForASnapshot() {
    assertThatThrownBy(() -> PointInTime.parse("99999999999999999999", NOW))
        .hasMessageContaining("Cannot read snapshot id");
  }
}
