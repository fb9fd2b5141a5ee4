package dev.firn.catalog.intent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.storage.Locations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingTest {
  @ParameterizedTest
  @CsvSource({
    "s3a://b/k/f, s3://b/k/f",
    "s3n://b//k/f, S3://b/k///f",
    "file:/k/f, file:///k/f",
    "/k/f, file://localhost/k/./f",
  })
  void namesOfOnePlaceAreEqual(String one, String other) {
    assertThat(Spelling.of(one)).isEqualTo(Spelling.of(other));
    assertThat(Spelling.of(one).mayBe(Spelling.of(other))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "hdfs://nn/k/f, hdfs://nn:8020/k/f",
    "hdfs:/k/f, hdfs://nn/k/f",
    "s3://b/k/f, hdfs://b/k/f",
    "abfs://c@a.dfs.core.windows.net/k/f, wasbs://c@a.blob.core.windows.net/k/f",
    "s3://b/a%20b/f, s3://b/a b/f",
    "s3://b/x/../k/f, s3://b/k/f",
    "s3://b/p=%C3%A9/f%2B, s3://b/p=é/f+",
  })
  void whatMayBeOnePlaceIsNotTakenForTwo(String one, String other) {
    Spelling first = Spelling.of(one);
    Spelling second = Spelling.of(other);
    assertThat(first).isNotEqualTo(second);
    assertThat(first.mayBe(second)).isTrue();
    assertThat(second.mayBe(first)).isTrue();
    assertThat(first.name()).isEqualTo(second.name());
    assertThat(first.mayOverlap(second)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "s3://b/k/f, s3://b/k/g",
    "s3://b/k%2, s3://b/k%3",
    "s3://b/k/f, s3://b/kk/f",
    "/k/f, /k/f1",
  })
  void othersAreTwo(String one, String other) {
    assertThat(Spelling.of(one).mayBe(Spelling.of(other))).isFalse();
    assertThat(Spelling.of(one).mayOverlap(Spelling.of(other))).isFalse();
  }

  @Test
  void twoBucketsAreTwoStores() {
    assertThat(Spelling.of("s3://a/k").mayOverlap(Spelling.of("s3a://b/k/f"))).isFalse();
    assertThat(Spelling.of("s3://a/k").mayOverlap(Spelling.of("s3a://a/k/f"))).isTrue();
  }

  @Test
  void linksOnALocalDiskAreSeenThrough(@TempDir Path directory) throws IOException {
    Path real = Files.createDirectories(directory.resolve("real/data"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("real"));
    Spelling one = Spelling.of(Locations.of(real.resolve("never-made/f")));
    Spelling other = Spelling.of(Locations.of(link.resolve("data/never-made/f")));

    assertThat(one.mayBe(other)).isTrue();
    assertThat(Spelling.of(Locations.of(link)).mayOverlap(one)).isTrue();
    assertThat(other.mayBe(Spelling.of(Locations.of(link.resolve("data/g"))))).isFalse();
  }
}
