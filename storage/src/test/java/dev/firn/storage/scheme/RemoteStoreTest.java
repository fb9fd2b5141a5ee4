package dev.firn.storage.scheme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.Store;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RemoteStoreTest {
  @Test
  void refusesHalfOfAKeyAtOnce() {
    assertThatThrownBy(() -> RemoteStore.S3.open("s3://b/f", Map.of("s3.access-key-id", "a")))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("s3.access-key-id is set and s3.secret-access-key is not")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.INVALID);
  }

  @Test
  void waitsSecondsAndNotMinutesForAStoreUnlessToldOtherwise() {
    try (Store usual = RemoteStore.S3.open("s3://b/f", Map.of());
        Store told = RemoteStore.S3.open("s3://b/f", Map.of("s3.retry.max-wait-ms", "20000"))) {
      assertThat(usual.properties()).containsEntry("s3.retry.max-wait-ms", "5000");
      assertThat(told.properties()).containsEntry("s3.retry.max-wait-ms", "20000");
    }
  }
}
