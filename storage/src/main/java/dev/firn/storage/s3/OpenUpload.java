package dev.firn.storage.s3;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsRequest;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

/** Multipart uploads that are begun and not ended: how they are found and aborted. Stateless. */
final class OpenUpload {
  private static final int TRIES = 3;

  /** Further than the clocks of a client and a store may be apart for S3 to answer at all. */
  private static final Duration SKEW = Duration.ofMinutes(16);

  private static final Logger LOG = LoggerFactory.getLogger(OpenUpload.class);

  /** How an upload ended. */
  enum Ending {
    /** There was none. */
    NEVER_BEGUN,
    /** Its parts are gone, and it will not become an object. */
    ABORTED,
    /** The store does not know it: it was completed, or aborted before. */
    GONE,
    /** The store does not answer: its parts may be there. */
    UNKNOWN
  }

  private OpenUpload() {}

  /** Aborts an upload. Never throws: what may be left is logged. */
  static Ending abort(S3Write write, String upload) {
    for (int attempt = 1; ; attempt++) {
      try {
        write.client().abortMultipartUpload(write.requests().abort(upload));
        return Ending.ABORTED;
      } catch (RuntimeException e) {
        if (new WriteFailure(e).notFound()) {
          return Ending.GONE;
        }
        if (attempt == TRIES) {
          LOG.warn(
              "Cannot abort upload {} of {}: its parts stay, and are paid for, until it is aborted",
              upload,
              write.location(),
              e);
          return Ending.UNKNOWN;
        }
        S3Write.pause(attempt);
      }
    }
  }

  /**
   * Aborts what a request to begin left whose answer was lost: uploads of the same key without a
   * part, begun since. Another writer of the same key at the same moment, before its first part,
   * may be hit, and fails.
   */
  static void abortStrays(S3Write write, Instant since) {
    S3Location location = write.requests().location();
    try {
      for (MultipartUpload open : list(write.client(), location.bucket(), location.key())) {
        if (open.key().equals(location.key())
            && (open.initiated() == null || open.initiated().isAfter(since.minus(SKEW)))
            && isEmpty(write, open.uploadId())) {
          abort(write, open.uploadId());
        }
      }
    } catch (RuntimeException e) {
      LOG.warn(
          "Cannot look for uploads of {}: one without a part may be left, until it is aborted",
          write.location(),
          e);
    }
  }

  /** Lists the open uploads of the keys that begin with the prefix. */
  static List<MultipartUpload> list(S3Client client, String bucket, String prefix) {
    List<MultipartUpload> found = new ArrayList<>();
    ListMultipartUploadsRequest request =
        ListMultipartUploadsRequest.builder().bucket(bucket).prefix(prefix).build();
    while (true) {
      var page = client.listMultipartUploads(request);
      found.addAll(page.uploads());
      if (!Boolean.TRUE.equals(page.isTruncated())) {
        return found;
      }
      request =
          request.toBuilder()
              .keyMarker(page.nextKeyMarker())
              .uploadIdMarker(page.nextUploadIdMarker())
              .build();
    }
  }

  private static boolean isEmpty(S3Write write, String upload) {
    S3Location location = write.requests().location();
    try {
      return write
          .client()
          .listParts(
              list ->
                  list.bucket(location.bucket()).key(location.key()).uploadId(upload).maxParts(1))
          .parts()
          .isEmpty();
    } catch (RuntimeException e) {
      if (new WriteFailure(e).notFound()) {
        return false;
      }
      throw e;
    }
  }
}
