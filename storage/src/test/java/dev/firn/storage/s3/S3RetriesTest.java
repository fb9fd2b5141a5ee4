package dev.firn.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.retries.api.AcquireInitialTokenRequest;
import software.amazon.awssdk.retries.api.RecordSuccessRequest;
import software.amazon.awssdk.retries.api.RefreshRetryTokenRequest;
import software.amazon.awssdk.retries.api.RetryToken;
import software.amazon.awssdk.retries.api.TokenAcquisitionFailedException;
import software.amazon.awssdk.services.s3.model.S3Exception;

class S3RetriesTest {
  private final S3Retries retries =
      S3Retries.of(
          new S3FileIOProperties(
              Map.of(
                  "s3.retry.num-retries", "4",
                  "s3.retry.min-wait-ms", "10",
                  "s3.retry.max-wait-ms", "40")));

  private RetryToken first() {
    return retries.acquireInitialToken(AcquireInitialTokenRequest.create("test")).token();
  }

  private Duration retry(RetryToken token, Throwable failure) {
    return retries
        .refreshRetryToken(RefreshRetryTokenRequest.builder().token(token).failure(failure).build())
        .delay();
  }

  private static Throwable answer(int status) {
    return S3Exception.builder()
        .statusCode(status)
        .awsErrorDetails(AwsErrorDetails.builder().errorCode("Code").build())
        .build();
  }

  @Test
  void waitsAtMostAsLongAsItIsTold() {
    assertThat(retries.maxAttempts()).isEqualTo(5);
    for (int i = 0; i < 50; i++) {
      assertThat(retry(first(), answer(500))).isLessThanOrEqualTo(Duration.ofMillis(40));
    }
  }

  @Test
  void failuresUseUpTheBudgetAndSuccessesFillIt() {
    for (int i = 0; i < 100; i++) {
      retry(first(), answer(500));
    }
    assertThatThrownBy(() -> retry(first(), answer(500)))
        .isInstanceOf(TokenAcquisitionFailedException.class);

    for (int i = 0; i < 5; i++) {
      retries.recordSuccess(RecordSuccessRequest.create(first()));
    }
    retry(first(), answer(500));
    assertThatThrownBy(() -> retry(first(), answer(500)))
        .isInstanceOf(TokenAcquisitionFailedException.class);
  }

  @Test
  void slowingDownCostsNothing() {
    for (int i = 0; i < 1_000; i++) {
      retry(first(), answer(503));
    }
    retry(first(), answer(500));
  }

  @Test
  void whatNoRetryMendsIsNotRetried() {
    for (Throwable failure :
        new Throwable[] {answer(403), answer(404), SdkClientException.create("no credentials")}) {
      assertThatThrownBy(() -> retry(first(), failure))
          .isInstanceOf(TokenAcquisitionFailedException.class);
    }
  }
}
