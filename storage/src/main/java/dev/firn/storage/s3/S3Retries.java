package dev.firn.storage.s3;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import javax.xml.stream.XMLStreamException;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.NonRetryableException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.AcquireInitialTokenRequest;
import software.amazon.awssdk.retries.api.AcquireInitialTokenResponse;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.retries.api.RecordSuccessRequest;
import software.amazon.awssdk.retries.api.RecordSuccessResponse;
import software.amazon.awssdk.retries.api.RefreshRetryTokenRequest;
import software.amazon.awssdk.retries.api.RefreshRetryTokenResponse;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.retries.api.TokenAcquisitionFailedException;

/**
 * When a request is sent again, and how often: the SDK's standard strategy, which waits an
 * exponential time with full jitter, within a budget that all requests share. Thread-safe.
 *
 * <p>How it works: a retry after a failure takes tokens from a bucket, a request that succeeds puts
 * one back. So a store that is down is not asked many times by everyone, while one in ten requests
 * may fail for ever. An answer to slow down is free: many at once must not make requests fail that
 * only have to wait; {@link S3Pace} sees to it that fewer are sent.
 */
final class S3Retries implements RetryStrategy {
  private static final int CAPACITY = 500;
  private static final int COST = 5;
  private static final int SLOW_DOWN = 503;

  /** Answers that are no server errors, and still the network's fault, or of a moment. */
  private static final Set<String> PASSING =
      Set.of(
          "BadDigest",
          "XAmzContentChecksumMismatch",
          "XAmzContentSHA256Mismatch",
          "IncompleteBody",
          "RequestTimeout",
          "InternalError",
          "OperationAborted");

  private final StandardRetryStrategy strategy;
  private int tokens = CAPACITY;

  private S3Retries(StandardRetryStrategy strategy) {
    this.strategy = strategy;
  }

  static S3Retries of(S3FileIOProperties settings) {
    BackoffStrategy fullJitter =
        BackoffStrategy.exponentialDelay(
            Duration.ofMillis(settings.s3RetryMinWaitMs()),
            Duration.ofMillis(settings.s3RetryMaxWaitMs()));
    return new S3Retries(
        AwsRetryStrategy.standardRetryStrategy().toBuilder()
            .maxAttempts(settings.s3RetryNumRetries() + 1)
            .backoffStrategy(fullJitter)
            .throttlingBackoffStrategy(fullJitter)
            .treatAsThrottling(S3Retries::throttled)
            .retryOnException(S3Retries::passing)
            .retryOnException(S3Retries::broken)
            .circuitBreakerEnabled(false)
            .build());
  }

  @Override
  public AcquireInitialTokenResponse acquireInitialToken(AcquireInitialTokenRequest request) {
    return strategy.acquireInitialToken(request);
  }

  @Override
  public RefreshRetryTokenResponse refreshRetryToken(RefreshRetryTokenRequest request) {
    RefreshRetryTokenResponse next = strategy.refreshRetryToken(request);
    if (!throttled(request.failure()) && !take()) {
      throw new TokenAcquisitionFailedException(
          "too many requests failed", request.token(), request.failure());
    }
    return next;
  }

  @Override
  public RecordSuccessResponse recordSuccess(RecordSuccessRequest request) {
    putBack();
    return strategy.recordSuccess(request);
  }

  @Override
  public int maxAttempts() {
    return strategy.maxAttempts();
  }

  /** Keeps the SDK from building another one from {@link #toBuilder()}, without the budget. */
  @Override
  public boolean useClientDefaults() {
    return false;
  }

  @Override
  public RetryStrategy.Builder<?, ?> toBuilder() {
    return strategy.toBuilder();
  }

  private synchronized boolean take() {
    if (tokens < COST) {
      return false;
    }
    tokens -= COST;
    return true;
  }

  private synchronized void putBack() {
    tokens = Math.min(CAPACITY, tokens + 1);
  }

  private static boolean throttled(Throwable error) {
    return error instanceof SdkServiceException answer
        && (answer.statusCode() == SLOW_DOWN || answer.isThrottlingException());
  }

  /** A connection that breaks within an answer shows as bad XML, with or without its cause. */
  private static boolean broken(Throwable error) {
    if (!(error instanceof SdkClientException) || error instanceof NonRetryableException) {
      return false;
    }
    Throwable each = error;
    while (each != null
        && !(each instanceof IOException)
        && !(each instanceof XMLStreamException)) {
      each = each.getCause();
    }
    return each != null;
  }

  private static boolean passing(Throwable error) {
    if (!(error instanceof AwsServiceException answer)) {
      return false;
    }
    AwsErrorDetails details = answer.awsErrorDetails();
    return details != null && PASSING.contains(String.valueOf(details.errorCode()));
  }
}
