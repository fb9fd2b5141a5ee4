package dev.firn.testing.s3;

import java.util.function.Predicate;

/**
 * A fault to come: of the requests on a bucket that match, the first {@code skipped} go through,
 * the next {@code times} suffer it, the rest go through. Requests that the fault cannot do anything
 * to do not count.
 */
public record S3Rule(
    String bucket, Predicate<S3Request> which, S3Fault fault, long skipped, long times) {

  public S3Rule {
    bucket = S3Request.bucketName(bucket);
    if (skipped < 0 || times < 1) {
      throw new IllegalArgumentException(
          "Cannot make rule: expected none or more skipped and one or more times, got "
              + skipped
              + " and "
              + times);
    }
  }

  /** Returns a rule for the first request on a bucket, given by name or URI, that matches. */
  public static S3Rule on(String bucket, Predicate<S3Request> which, S3Fault fault) {
    return new S3Rule(bucket, which, fault, 0, 1);
  }

  /** Returns a rule for the first request of a kind on a bucket, given by name or URI. */
  public static S3Rule on(String bucket, S3RequestKind kind, S3Fault fault) {
    return on(bucket, request -> request.kind() == kind, fault);
  }

  /** Returns the same rule for the requests after the first so many. */
  public S3Rule skip(long requests) {
    return new S3Rule(bucket, which, fault, requests, times);
  }

  /** Returns the same rule for so many requests. */
  public S3Rule times(long requests) {
    return new S3Rule(bucket, which, fault, skipped, requests);
  }

  /** Returns the same rule for all requests. */
  public S3Rule always() {
    return times(Long.MAX_VALUE);
  }

  boolean matches(S3Request request) {
    return fault.applies(request.kind()) && which.test(request);
  }
}
