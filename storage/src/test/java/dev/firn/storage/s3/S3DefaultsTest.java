package dev.firn.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class S3DefaultsTest {
  @Test
  void whatIsSetWinsOverTheDefault() {
    Map<String, String> all = S3Defaults.complete(Map.of("s3.retry.num-retries", "2"));
    assertThat(all)
        .containsEntry("s3.retry.num-retries", "2")
        .containsEntry("s3.retry.min-wait-ms", "100")
        .containsEntry("s3.delete.batch-size", "1000");
    assertThat(S3Defaults.maxConnections(all)).isEqualTo(64);
  }

  @ParameterizedTest
  @CsvSource({
    "s3.sse.type,custom,encryption key",
    "s3.delete.batch-size,1001,1000",
    "s3.acl,everyone,everyone",
    "s3.retry.num-retries,many,many",
    "http-client.apache.max-connections,0,must be 1 or more",
    "s3.access-key-id,a,s3.secret-access-key is not",
  })
  void valueThatCannotBeIsInvalid(String key, String value, String told) {
    assertThatThrownBy(() -> S3Defaults.complete(Map.of(key, value)))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("Cannot open storage: ")
        .hasMessageContaining(told)
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.INVALID);
  }
}
