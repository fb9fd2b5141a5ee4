package dev.firn.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.FirnException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WriteSettingsTest {
  @Test
  void hasDefaults() {
    assertThat(WriteSettings.of(Map.of()))
        .isEqualTo(new WriteSettings(8 << 20, 32 << 20, WriteSettings.Checksums.CRC32C, true));
  }

  @Test
  void readsProperties() {
    Map<String, String> properties =
        Map.of(
            "s3.multipart.part-size-bytes", "5242880",
            "s3.multipart.in-flight-bytes", "1000",
            "s3.checksum-enabled", "true",
            "s3.conditional-writes-enabled", "false");
    assertThat(WriteSettings.of(properties))
        .isEqualTo(new WriteSettings(5 << 20, 1000, WriteSettings.Checksums.CRC32C_AND_MD5, false));
    assertThat(WriteSettings.of(Map.of("s3.checksum-enabled", "false")).checksums())
        .isEqualTo(WriteSettings.Checksums.NONE);
  }

  @ParameterizedTest
  @CsvSource({
    "s3.multipart.part-size-bytes, 5242879, 5 MiB",
    "s3.multipart.part-size-bytes, 5368709121, 5 GiB",
    "s3.multipart.part-size-bytes, 8M, a number of bytes",
    "s3.multipart.in-flight-bytes, 0, above zero",
    "s3.checksum-enabled, on, true or false",
    "s3.conditional-writes-enabled, no, true or false"
  })
  void refusesWhatItCannotUse(String key, String value, String expected) {
    assertThatThrownBy(() -> WriteSettings.of(Map.of(key, value)))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("'" + key + "'")
        .hasMessageContaining("'" + value + "'")
        .hasMessageContaining(expected);
  }
}
