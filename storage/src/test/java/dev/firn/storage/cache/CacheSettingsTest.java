package dev.firn.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheSettingsTest {
  @Test
  void withoutSettingsKeepsASixteenthOfTheHeapInMemoryAndNothingOnDisk() {
    CacheSettings settings = CacheSettings.of(Map.of());
    assertThat(settings.memoryBytes())
        .isEqualTo(Math.max(16L << 20, Runtime.getRuntime().maxMemory() / 16));
    assertThat(settings.diskPath()).isNull();
  }

  @Test
  void readsSizesWithUnits() {
    CacheSettings settings =
        CacheSettings.of(
            Map.of(
                "firn.cache.memory-bytes", "256MB",
                "firn.cache.disk-path", "file:///var/cache/firn",
                "firn.cache.disk-bytes", "1GiB"));
    assertThat(settings.memoryBytes()).isEqualTo(256_000_000);
    assertThat(settings.diskPath()).isEqualTo(Path.of("/var/cache/firn"));
    assertThat(settings.diskBytes()).isEqualTo(1L << 30);
  }

  @ParameterizedTest
  @CsvSource({
    "firn.cache.memory-bytes,lots,expected a number",
    "firn.cache.memory-bytes,-1,expected a number",
    "firn.cache.disk-path,s3://b/cache,expected a local directory",
    "firn.cache.disk-path,' ',expected a local directory",
    "firn.cache.disk-bytes,1GB,'''firn.cache.disk-path'' is not set'",
  })
  void refusesWhatCannotBe(String key, String value, String reason) {
    assertThatThrownBy(() -> CacheSettings.of(Map.of(key, value)))
        .isInstanceOf(FirnException.class)
        .hasMessageStartingWith("Cannot use setting '" + key + "'")
        .hasMessageContaining(reason)
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.INVALID);
  }

  @Test
  void refusesADiskCacheOfAFewBlocks() {
    assertThatThrownBy(
            () ->
                CacheSettings.of(
                    Map.of("firn.cache.disk-path", "/c", "firn.cache.disk-bytes", "1MB")))
        .hasMessageContaining("expected at least 16777216 bytes, got '1MB'");
  }
}
