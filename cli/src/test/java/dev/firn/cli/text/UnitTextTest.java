package dev.firn.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.FirnException;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitTextTest {
  @ParameterizedTest
  @CsvSource({
    "7d,PT168H",
    "12h,PT12H",
    "30m,PT30M",
    "45s,PT45S",
    "1h30m,PT1H30M",
    "2W,PT336H",
    "0d,PT0S"
  })
  void readsDurations(String text, Duration expected) {
    assertThat(UnitText.duration(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "7", "d", "7 days", "-7d", "7d7d", "1m1h", "99999999999999999999d"})
  void refusesWhatIsNoDuration(String text) {
    assertThatThrownBy(() -> UnitText.duration(text))
        .isInstanceOf(FirnException.class)
        .hasMessageStartingWith("Cannot read duration '" + text + "'");
  }

  @ParameterizedTest
  @CsvSource({
    "128MB,128000000",
    "128 mb,128000000",
    "1GiB,1073741824",
    "1.5kB,1500",
    "512,512",
    "10B,10",
    "2TiB,2199023255552"
  })
  void readsSizes(String text, long expected) {
    assertThat(UnitText.bytes(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "MB", "1XB", "-1MB", "0", "99999999999TB", "1.0.0MB"})
  void refusesWhatIsNoSize(String text) {
    assertThatThrownBy(() -> UnitText.bytes(text))
        .isInstanceOf(FirnException.class)
        .hasMessageStartingWith("Cannot read size '" + text + "'");
  }

  @ParameterizedTest
  @CsvSource({
    "0,0 B",
    "999,999 B",
    "1000,1.0 kB",
    "1536,1.5 kB",
    "999499,999 kB",
    "999500,1.0 MB",
    "12345678,12.3 MB",
    "9223372036854775807,9.2 EB"
  })
  void showsBytesForPeople(long bytes, String expected) {
    assertThat(UnitText.showBytes(bytes)).isEqualTo(expected);
  }
}
