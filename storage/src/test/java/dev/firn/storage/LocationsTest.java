package dev.firn.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocationsTest {
  @ParameterizedTest
  @CsvSource({
    "/data/lake, file:///data/lake",
    "/data/lake/, file:///data/lake",
    "/data//a/../lake, file:///data/lake",
    "file:/data/lake, file:///data/lake",
    "file:///data/lake/, file:///data/lake",
    "FILE:///data/lake, file:///data/lake",
    "file://localhost/data/lake, file:///data/lake",
    "/data/a b#c%20d?e, file:///data/a b#c%20d?e",
    "file:///data/a%20b, file:///data/a%20b",
    "/, file:///",
    "s3://bucket/lake/, s3://bucket/lake",
    "S3A://bucket/lake//, s3a://bucket/lake",
    "s3://bucket/, s3://bucket",
    "hdfs://name:8020/lake, hdfs://name:8020/lake",
  })
  void normalises(String text, String location) {
    assertThat(Locations.parse(text)).isEqualTo(location);
    assertThat(Locations.parse(location)).isEqualTo(location);
  }

  @Test
  void relativePathsBecomeAbsolute() {
    assertThat(Locations.parse("lake")).isEqualTo("file://" + Path.of("lake").toAbsolutePath());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/data/a b", "/data/50%25", "/data/#1", "/data/a:b", "/data/q?x"})
  void localPathsRoundTrip(String path) {
    String location = Locations.of(Path.of(path));

    assertThat(Locations.localPath(location)).isEqualTo(Path.of(path));
    assertThat(location).isEqualTo("file://" + path);
  }

  /** Spark takes every location through Hadoop's Path. */
  @ParameterizedTest
  @ValueSource(strings = {"/data/a b", "/data/50%25", "/data/#1", "/data/a:b", "/data/q?x"})
  void hadoopReadsTheSamePath(String path) {
    var hadoop = new org.apache.hadoop.fs.Path(Locations.of(Path.of(path)));

    assertThat(hadoop.toUri().getPath()).isEqualTo(path);
    assertThat(Locations.localPath(hadoop.toString())).isEqualTo(Path.of(path));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "file://host/data", "file://host", "s3:bucket/lake"})
  void refuses(String text) {
    assertThatThrownBy(() -> Locations.parse(text))
        .isInstanceOf(FirnException.class)
        .hasMessageStartingWith("Cannot use location: ")
        .hasMessageContaining("expected")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.INVALID);
  }

  @Test
  void nulCharacterIsNoPath() {
    assertThatThrownBy(() -> Locations.parse("/data/a\0b"))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("Nul character");
  }

  @Test
  void tellsLocalFromRemote() {
    assertThat(Locations.local("/a")).isTrue();
    assertThat(Locations.local("file:/a")).isTrue();
    assertThat(Locations.local("C:/a")).isTrue();
    assertThat(Locations.local("s3://b/a")).isFalse();
    assertThatThrownBy(() -> Locations.localPath("s3://b/a")).isInstanceOf(FirnException.class);
  }
}
