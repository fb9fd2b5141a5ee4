package dev.firn.storage.s3;

import dev.firn.storage.StoreMeter;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpRequest;

/** Sees each try of each request: counts the repeated, and slows down when told to. Thread-safe. */
final class S3Attempts implements ExecutionInterceptor {
  private static final String ATTEMPT_HEADER = "amz-sdk-request";
  private static final String EXPECT = "Expect";
  private static final String FIRST = "attempt=1";
  private static final int SLOW_DOWN = 503;
  private static final int TOO_MANY_REQUESTS = 429;

  private final StoreMeter meter;
  private final S3Pace pace;
  private final boolean expectsContinue;

  /**
   * Makes one.
   *
   * @param expectsContinue whether to ask before a body is sent, a round trip each time
   */
  S3Attempts(StoreMeter meter, S3Pace pace, boolean expectsContinue) {
    this.meter = meter;
    this.pace = pace;
    this.expectsContinue = expectsContinue;
  }

  /** Runs behind the SDK's own interceptor, which adds the header, and before the signature. */
  @Override
  public SdkHttpRequest modifyHttpRequest(
      Context.ModifyHttpRequest context, ExecutionAttributes ignored) {
    SdkHttpRequest request = context.httpRequest();
    return expectsContinue || request.firstMatchingHeader(EXPECT).isEmpty()
        ? request
        : request.toBuilder().removeHeader(EXPECT).build();
  }

  @Override
  public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes ignored) {
    String attempt = context.httpRequest().firstMatchingHeader(ATTEMPT_HEADER).orElse(FIRST);
    if (!attempt.equals(FIRST) && !attempt.startsWith(FIRST + ";")) {
      meter.add(StoreMeter.Event.RETRY);
    }
  }

  @Override
  public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes ignored) {
    int status = context.httpResponse().statusCode();
    if (status == SLOW_DOWN || status == TOO_MANY_REQUESTS) {
      meter.add(StoreMeter.Event.THROTTLED);
      pace.slowDown();
    }
  }
}
