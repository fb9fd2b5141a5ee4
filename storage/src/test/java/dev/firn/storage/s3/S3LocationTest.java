package dev.firn.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.FirnException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class S3LocationTest {
  @ParameterizedTest
  @ValueSource(strings = {"s3://b/k", "s3a://b/a b/%20/q?x=1#h", "s3n://b/k/", "s3://b//k"})
  void spellingIsKept(String location) {
    assertThat(S3Location.parse(location)).hasToString(location);
  }

  @Test
  void keyIsLiteral() {
    S3Location location = S3Location.parse("s3://b/a%20b/q?x#h");
    assertThat(location.bucket()).isEqualTo("b");
    assertThat(location.key()).isEqualTo("a%20b/q?x#h");
    assertThat(S3Location.parse("s3://b").key()).isEmpty();
  }

  @Test
  void accessPointStandsForItsBucket() {
    S3Location location = S3Location.parse("s3://b/k", Map.of("b", "arn:aws:s3:::accesspoint/p"));
    assertThat(location.bucket()).isEqualTo("arn:aws:s3:::accesspoint/p");
    assertThat(location.withKey("l")).hasToString("s3://b/l");
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3://", "s3:///k", "b/k", "://b/k"})
  void bucketMustBeNamed(String location) {
    assertThatThrownBy(() -> S3Location.parse(location))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("s3://bucket/key, got " + location);
  }
}
