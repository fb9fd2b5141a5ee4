package dev.firn.storage.s3;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/** What a failed request of a write tells about its effect. Immutable. */
record WriteFailure(RuntimeException error) {
  private static final int NO_ANSWER = 0;
  private static final int NOT_IMPLEMENTED = 501;
  private static final int SERVER_ERROR = 500;
  private static final int BAD_REQUEST = 400;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int TIMEOUT = 408;
  private static final int CONFLICT = 409;
  private static final int PRECONDITION_FAILED = 412;
  private static final Set<String> DAMAGED =
      Set.of("BadDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch");

  /** Whether the store refused because the object is there, be it by this very write. */
  boolean refused() {
    return status() == PRECONDITION_FAILED;
  }

  /** Whether another write came in between, and this one may be tried again. */
  boolean conflict() {
    return refused() || (status() == CONFLICT && code().equals("ConditionalRequestConflict"));
  }

  /** Whether the upload is not there: aborted, or completed by an earlier try. */
  boolean noSuchUpload() {
    return status() == NOT_FOUND && code().equals("NoSuchUpload");
  }

  boolean notFound() {
    return status() == NOT_FOUND;
  }

  /** Whether the store does not know something that the request asked for. */
  boolean notImplemented() {
    return status() == NOT_IMPLEMENTED
        || (status() == BAD_REQUEST && code().equals("NotImplemented"));
  }

  /** Whether the store got other bytes than were sent: over plain HTTP their signature fails. */
  boolean damagedOnTheWay() {
    return (status() == FORBIDDEN && code().equals("SignatureDoesNotMatch"))
        || (status() == BAD_REQUEST && DAMAGED.contains(code()));
  }

  /** Whether the request may have had its effect although it failed. */
  boolean ambiguous() {
    int status = status();
    boolean answered = status >= BAD_REQUEST && status < SERVER_ERROR && status != TIMEOUT;
    return !notImplemented() && (!answered || conflict() || noSuchUpload() || !onlyTry());
  }

  /** Whether it was sent once only, so that no earlier try can have had an effect. */
  boolean onlyTry() {
    Integer tries = error instanceof SdkException sdk ? sdk.numAttempts() : null;
    return tries != null && tries == 1;
  }

  private int status() {
    return error instanceof AwsServiceException answer ? answer.statusCode() : NO_ANSWER;
  }

  private String code() {
    @Nullable AwsErrorDetails details =
        error instanceof AwsServiceException answer ? answer.awsErrorDetails() : null;
    @Nullable String code = details == null ? null : details.errorCode();
    return code == null ? "" : code;
  }
}
