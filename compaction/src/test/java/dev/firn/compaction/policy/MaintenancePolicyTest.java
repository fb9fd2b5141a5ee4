package dev.firn.compaction.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MaintenancePolicyTest {
  @Test
  void tableThatSaysNothingIsMaintained() {
    MaintenancePolicy policy = MaintenancePolicy.of(Map.of("write.format.default", "parquet"));

    assertThat(policy).isEqualTo(MaintenancePolicy.DEFAULT);
    assertThat(policy.enabled()).isTrue();
    assertThat(policy.minFiles()).isEqualTo(16);
    assertThat(policy.statistics()).isFalse();
    assertThat(policy.coldAfter()).isEqualTo(Duration.ofHours(1));
    assertThat(policy.quietHours().contains(Instant.parse("2026-06-01T00:00:00Z"))).isFalse();
  }

  @Test
  void propertiesAreRead() {
    MaintenancePolicy policy =
        MaintenancePolicy.of(
            Map.of(
                "firn.maintenance.enabled", "false",
                "firn.maintenance.compaction.min-files", "5",
                "firn.maintenance.compaction.max-bytes", "2GB",
                "firn.maintenance.share", "0.25",
                "firn.maintenance.sweep.interval", "7d"));

    assertThat(policy.enabled()).isFalse();
    assertThat(policy.minFiles()).isEqualTo(5);
    assertThat(policy.maxBytes()).isEqualTo(2_000_000_000);
    assertThat(policy.share()).isEqualTo(0.25);
    assertThat(policy.sweepInterval()).isEqualTo(Duration.ofDays(7));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "enabled|yes|expected true or false, got 'yes'",
        "compaction.min-files|1|expected a number from 2 to 10000, got '1'",
        "compaction.min-files|many|expected a number from 2 to 10000, got 'many'",
        "compaction.target-lag|soon|Cannot read duration 'soon'",
        "compaction.max-bytes|-1|Cannot read size '-1'",
        "share|0.0|expected a number above 0 and at most 1, got '0.0'",
        "statistics.min-change|0|expected a number above 0 and at most 1, got '0'",
        "statistics.max-bytes|much|Cannot read size 'much'",
        "share|1.5|expected a number above 0 and at most 1, got '1.5'",
        "quiet-hours|8-18|expected two times of day in UTC such as 08:00-18:00, or none",
        "quiet-hours|08:00-08:00|expected two times of day in UTC such as 08:00-18:00, or none",
        "compaction.min-file|3|it is unknown; did you mean firn.maintenance.compaction.min-files"
      })
  void badPropertyIsInvalidAndNamed(String key, String value, String expected) {
    assertThatThrownBy(() -> MaintenancePolicy.of(Map.of("firn.maintenance." + key, value)))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("Cannot read property firn.maintenance." + key)
        .hasMessageContaining(expected)
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.INVALID);
  }

  @ParameterizedTest
  @CsvSource({
    "08:00-18:00, 07:59, false",
    "08:00-18:00, 08:00, true",
    "08:00-18:00, 18:00, false",
    "22:00-06:00, 23:30, true",
    "22:00-06:00, 05:59, true",
    "22:00-06:00, 12:00, false"
  })
  void quietHoursMayGoOverMidnight(String hours, String time, boolean quiet) {
    QuietHours parsed = QuietHours.parse("p", hours);

    assertThat(parsed.contains(Instant.parse("2026-06-01T" + time + ":00Z"))).isEqualTo(quiet);
  }
}
