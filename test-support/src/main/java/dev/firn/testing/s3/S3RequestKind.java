package dev.firn.testing.s3;

import java.util.Set;

/** What a request asks of S3. */
public enum S3RequestKind {
  GET("GET"),
  /** A GET with a {@code Range} header. */
  GET_RANGE("GET range"),
  HEAD("HEAD"),
  PUT("PUT"),
  COPY("Copy"),
  DELETE("DELETE"),
  DELETE_MANY("DeleteMany"),
  LIST("List"),
  CREATE_MULTIPART("CreateMultipart"),
  UPLOAD_PART("UploadPart"),
  COMPLETE("Complete"),
  ABORT("Abort"),
  LIST_UPLOADS("ListUploads"),
  LIST_PARTS("ListParts"),
  /** Whatever else, most of it on buckets. */
  OTHER("Other");

  private static final Set<S3RequestKind> OBJECT_READS = Set.of(GET, GET_RANGE);
  private static final Set<S3RequestKind> OBJECT_WRITES = Set.of(PUT, UPLOAD_PART);
  private static final Set<S3RequestKind> KEY_CHANGES = Set.of(PUT, COPY, COMPLETE, DELETE);

  private final String label;

  S3RequestKind(String label) {
    this.label = label;
  }

  /** Whether its answer carries bytes of an object. */
  boolean readsObject() {
    return OBJECT_READS.contains(this);
  }

  /** Whether its body carries bytes of an object. */
  boolean writesObject() {
    return OBJECT_WRITES.contains(this);
  }

  /** Whether it changes what stands under one key. */
  boolean changesKey() {
    return KEY_CHANGES.contains(this);
  }

  /** Returns the kind of a request on a bucket, or on a key in one. */
  static S3RequestKind of(String method, boolean hasKey, Set<String> query, Set<String> headers) {
    return switch (method) {
      case "GET" -> hasKey ? get(query, headers) : list(query);
      case "HEAD" -> hasKey ? HEAD : OTHER;
      case "PUT" -> hasKey ? put(query, headers) : OTHER;
      case "POST" -> post(query);
      case "DELETE" -> hasKey ? (query.contains("uploadId") ? ABORT : DELETE) : OTHER;
      default -> OTHER;
    };
  }

  private static S3RequestKind get(Set<String> query, Set<String> headers) {
    if (query.contains("uploadId")) {
      return LIST_PARTS;
    }
    return headers.contains("range") ? GET_RANGE : GET;
  }

  private static S3RequestKind list(Set<String> query) {
    if (query.contains("uploads")) {
      return LIST_UPLOADS;
    }
    return query.isEmpty() || query.contains("list-type") || query.contains("prefix")
        ? LIST
        : OTHER;
  }

  private static S3RequestKind put(Set<String> query, Set<String> headers) {
    if (query.contains("uploadId")) {
      return UPLOAD_PART;
    }
    return headers.contains("x-amz-copy-source") ? COPY : PUT;
  }

  private static S3RequestKind post(Set<String> query) {
    if (query.contains("uploads")) {
      return CREATE_MULTIPART;
    }
    if (query.contains("uploadId")) {
      return COMPLETE;
    }
    return query.contains("delete") ? DELETE_MANY : OTHER;
  }

  /** Returns the name that people know, such as {@code GET range}. */
  @Override
  public String toString() {
    return label;
  }
}
