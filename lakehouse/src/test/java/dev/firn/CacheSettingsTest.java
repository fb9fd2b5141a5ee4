package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheSettingsTest {
  @Test
  void areTaken() {
    Settings settings =
        Settings.of(
            Map.of(
                "warehouse", "w",
                "firn.cache.memory-bytes", "256MB",
                "firn.cache.disk-path", "cache",
                "firn.cache.disk-bytes", "1GiB"));
    assertThat(settings.properties()).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource({
    "firn.cache.memory-byte,1MB,it is unknown; did you mean firn.cache.memory-bytes",
    "firn.cache.disk,1MB,it is unknown",
    "firn.cache.memory-bytes,much,'Cannot read size ''much'': expected a number'",
    "firn.cache.disk-path,s3://b/c,expected a local directory",
  })
  void areRefusedAtOnceWhereTheyCannotBeUsed(String key, String value, String reason) {
    LakehouseTest.assertFails(
        () -> Settings.of(Map.of("warehouse", "w", key, value)), "'" + key + "': " + reason);
  }
}
