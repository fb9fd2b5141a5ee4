package dev.firn.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.FirnException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
  @ParameterizedTest
  @CsvSource({
    "128MB,128000000",
    "128 mb,128000000",
    "1GiB,1073741824",
    "1.5kB,1500",
    "512,512",
    "0,0",
    "2TiB,2199023255552"
  })
  void readsSizes(String text, long expected) {
    assertThat(ByteSize.parse(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "MB", "1XB", "-1MB", "99999999999TB", "1.0.0MB"})
  void refusesWhatIsNoSize(String text) {
    assertThatThrownBy(() -> ByteSize.parse(text))
        .isInstanceOf(FirnException.class)
        .hasMessageStartingWith("Cannot read size '" + text + "'");
  }
}
