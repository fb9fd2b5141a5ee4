package dev.firn.storage.s3;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.NonRetryableException;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/**
 * Verifies a body that is a whole object: by the store's checksum where it sends one, which the SDK
 * does at the end of the body, else by the ETag where that is the MD5 of the bytes. What does not
 * match is read again, a few times. For one request; confined to one thread at a time.
 */
final class S3Digest {
  /** Parts of an upload have another one, with a dash. */
  private static final Pattern MD5 = Pattern.compile("\"?([0-9a-f]{32})\"?");

  /** Often enough that a network which damages one body in a hundred is not a damaged file. */
  private static final int REREADS = 4;

  private final boolean verifies;
  private int mismatches;

  S3Digest(S3FileIOProperties settings) {
    String chosen = settings.properties().get(S3FileIOProperties.CHECKSUM_ENABLED);
    verifies = chosen == null || Boolean.parseBoolean(chosen);
  }

  /** Fills {@code bytes} with a body of as many. */
  void readWhole(GetObjectResponse response, InputStream body, byte[] bytes) throws IOException {
    S3Body.fill(body, ByteBuffer.wrap(bytes));
    String expected = etag(response);
    try {
      // The SDK compares at the end.
      if (body.read() >= 0) {
        throw new IOException("the body is longer than it says");
      }
    } catch (SdkClientException e) {
      throw mismatched("the store's checksum does not match its bytes", e);
    }
    if (expected != null && !expected.equals(md5(bytes))) {
      throw mismatched(
          "its bytes do not match the store's ETag, expected MD5 %s, got %s"
              .formatted(expected, md5(bytes)),
          null);
    }
  }

  /** To be sent again, until that was done often enough. */
  private RuntimeException mismatched(String message, @Nullable Exception cause) {
    MismatchException mismatch = new MismatchException(message, cause);
    if (++mismatches > REREADS) {
      throw NonRetryableException.create(message, mismatch);
    }
    return RetryableException.create(message, mismatch);
  }

  private @Nullable String etag(GetObjectResponse response) {
    if (!verifies || !isMd5(response)) {
      return null;
    }
    var matcher = MD5.matcher(String.valueOf(response.eTag()).toLowerCase(Locale.ROOT));
    return matcher.matches() ? matcher.group(1) : null;
  }

  /** Encryption with keys of KMS or of the customer makes the ETag something else. */
  private static boolean isMd5(GetObjectResponse response) {
    ServerSideEncryption encryption = response.serverSideEncryption();
    return (encryption == null || encryption == ServerSideEncryption.AES256)
        && response.sseCustomerAlgorithm() == null;
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot verify bytes: every JDK has MD5", e);
    }
  }

  /** The mismatch that made a request fail, if one did. */
  static @Nullable MismatchException mismatch(@Nullable Throwable error) {
    Throwable each = error;
    while (each != null && !(each instanceof MismatchException)) {
      each = each.getCause();
    }
    return (MismatchException) each;
  }

  /**
   * The bytes that came are not those that the store has. The SDK retries what an IOException
   * causes.
   */
  static final class MismatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MismatchException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
