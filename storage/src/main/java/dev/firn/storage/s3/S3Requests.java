package dev.firn.storage.s3;

import dev.firn.storage.StoreMeter;
import dev.firn.storage.StoreMeter.Event;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.AbortMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectsRequest;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;

/** What kind each request is counted as. Stateless. */
final class S3Requests {
  private S3Requests() {}

  /** Counts a call of the client, by the request among its arguments. */
  static void count(StoreMeter meter, Object @Nullable [] arguments) {
    Event event = arguments == null || arguments.length == 0 ? null : event(arguments[0]);
    if (event != null) {
      meter.add(event);
    }
  }

  private static @Nullable Event event(Object request) {
    if (request instanceof GetObjectRequest) {
      return Event.READ;
    } else if (request instanceof HeadObjectRequest) {
      return Event.HEAD;
    } else if (request instanceof PutObjectRequest) {
      return Event.WRITE;
    } else if (request instanceof UploadPartRequest) {
      return Event.PART;
    } else if (request instanceof ListObjectsV2Request) {
      return Event.LIST;
    } else if (request instanceof DeleteObjectRequest || request instanceof DeleteObjectsRequest) {
      return Event.DELETE;
    } else if (request instanceof CreateMultipartUploadRequest
        || request instanceof CompleteMultipartUploadRequest
        || request instanceof AbortMultipartUploadRequest) {
      return Event.UPLOAD;
    }
    return null;
  }
}
