package dev.firn.storage.s3;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.io.IOException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;

/**
 * What a failed request means to the caller. Stateless.
 *
 * <p>Of what the SDK says only the store's own error code and message are repeated, with status and
 * request id: an SDK exception names no secret, but a request would.
 */
final class S3Failure {
  private static final int MOVED = 301;
  private static final int TEMPORARILY_MOVED = 307;
  private static final int BAD_REQUEST = 400;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERROR = 500;
  private static final int NOT_IMPLEMENTED = 501;

  private S3Failure() {}

  /**
   * Returns Iceberg's {@code NotFoundException} for a missing object; else a {@link FirnException},
   * UNAVAILABLE where asking later may help, INVALID where a setting or a permission must change.
   * An exception that is one of these already is returned as it is.
   *
   * @param verb what was tried: read, write, list, delete
   */
  static RuntimeException translate(String verb, String location, Throwable error) {
    if (error instanceof FirnException || error instanceof NotFoundException) {
      return (RuntimeException) error;
    }
    S3Digest.MismatchException mismatch = S3Digest.mismatch(error);
    if (mismatch != null) {
      return new FirnException(
          ErrorKind.CORRUPT, what(verb) + mismatch.getMessage() + at(location), error);
    }
    if (error instanceof AwsServiceException answer) {
      return answered(verb, location, answer);
    }
    String what = what(verb);
    if (error instanceof AbortedException) {
      return FirnException.unavailable(what + "interrupted" + at(location), error);
    }
    if (error instanceof ApiCallTimeoutException
        || error instanceof ApiCallAttemptTimeoutException) {
      return FirnException.unavailable(what + "the store took too long" + at(location), error);
    }
    String reason = String.valueOf(error.getMessage());
    if (error instanceof SdkClientException && reason.contains("credentials")) {
      return new FirnException(
          ErrorKind.INVALID,
          what
              + "no credentials were found"
              + at(location)
              + "; set s3.access-key-id and s3.secret-access-key, AWS_ACCESS_KEY_ID and"
              + " AWS_SECRET_ACCESS_KEY, or a profile: "
              + reason,
          error);
    }
    return FirnException.unavailable(
        what + "the store did not answer: " + reason + at(location), error);
  }

  /**
   * Returns what a reader of bytes throws instead: an {@code IOException} for what asking again may
   * mend.
   *
   * @throws RuntimeException the failure itself, where it is of another kind
   */
  static IOException whileReading(RuntimeException failure) {
    if (failure instanceof FirnException known && known.kind() == ErrorKind.UNAVAILABLE) {
      return new IOException(known.getMessage(), known);
    }
    throw failure;
  }

  private static RuntimeException answered(
      String verb, String location, AwsServiceException answer) {
    int status = answer.statusCode();
    String code = code(answer);
    String what = what(verb);
    String told = told(answer, code) + at(location);
    if (code.equals("NoSuchBucket")) {
      return invalid(what + "its bucket does not exist, " + told, "create it", answer);
    }
    if (status == NOT_FOUND) {
      return new NotFoundException(answer, "%sit does not exist, %s", what, told);
    }
    if (status == MOVED
        || status == TEMPORARILY_MOVED
        || code.contains("Region")
        || code.equals("AuthorizationHeaderMalformed")) {
      return invalid(
          what + "its bucket is in another region, " + told, "set client.region to it", answer);
    }
    if (code.equals("RequestTimeTooSkewed")) {
      return invalid(what + "this machine's clock is wrong, " + told, "set it", answer);
    }
    if (code.startsWith("ExpiredToken") || code.equals("TokenRefreshRequired")) {
      return invalid(what + "the session has expired, " + told, "get new credentials", answer);
    }
    if (status == UNAUTHORIZED || status == FORBIDDEN) {
      return invalid(what + "permission denied, " + told, remedy(code, verb), answer);
    }
    if (status == NOT_IMPLEMENTED || status == METHOD_NOT_ALLOWED) {
      return invalid(
          what + "the store lacks what the request asks of it, " + told,
          "see docs/user-guide/stores.md for what to switch off",
          answer);
    }
    if (status >= SERVER_ERROR || status == TOO_MANY_REQUESTS) {
      return FirnException.unavailable(what + "the store failed, " + told, answer);
    }
    return status >= BAD_REQUEST
        ? invalid(what + "the store refused the request, " + told, "check s3.… settings", answer)
        : FirnException.unavailable(what + told, answer);
  }

  private static String what(String verb) {
    return "Cannot " + verb + (verb.equals("list") ? " files: " : " file: ");
  }

  private static String remedy(String code, String verb) {
    return switch (code) {
      case "InvalidAccessKeyId", "InvalidToken" -> "check s3.access-key-id and the session token";
      case "SignatureDoesNotMatch" -> "check s3.secret-access-key and client.region";
      default -> "grant these credentials the right to " + verb + " it, and to list its bucket";
    };
  }

  private static FirnException invalid(String message, String remedy, Throwable cause) {
    return new FirnException(ErrorKind.INVALID, message + "; " + remedy, cause);
  }

  /** The store's error code, empty where it sent none, as after a HEAD. */
  static String code(AwsServiceException answer) {
    AwsErrorDetails details = answer.awsErrorDetails();
    String code = details == null ? null : details.errorCode();
    return code == null ? "" : code;
  }

  private static String told(AwsServiceException answer, String code) {
    AwsErrorDetails details = answer.awsErrorDetails();
    String message = details == null ? null : details.errorMessage();
    return "got HTTP "
        + answer.statusCode()
        + (code.isEmpty() ? "" : " " + code)
        + (message == null || message.isEmpty() ? "" : " (" + message + ")")
        + request(answer.requestId());
  }

  private static String request(@Nullable String id) {
    return id == null || id.isEmpty() ? "" : ", request " + id;
  }

  private static String at(String location) {
    return " [" + location + "]";
  }
}
