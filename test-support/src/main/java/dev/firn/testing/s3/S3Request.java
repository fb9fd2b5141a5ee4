package dev.firn.testing.s3;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A request as the client sent it.
 *
 * @param bucket empty for requests on the whole server
 * @param key decoded; empty for requests on a bucket
 * @param query its parameters, decoded; a parameter without value maps to the empty string
 * @param headers by lower-case name
 */
public record S3Request(
    S3RequestKind kind,
    String method,
    String bucket,
    String key,
    Map<String, String> query,
    Map<String, String> headers) {

  public S3Request {
    query = Map.copyOf(query);
    headers = Map.copyOf(headers);
  }

  /** Returns the value of a header, whose name is given in lower case. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  static S3Request of(HttpHead head) {
    String target = head.part(1);
    int mark = target.indexOf('?');
    String path = mark < 0 ? target : target.substring(0, mark);
    Map<String, String> query = mark < 0 ? Map.of() : query(target.substring(mark + 1));
    int slash = path.indexOf('/', 1);
    String bucket = path.substring(1, slash < 0 ? path.length() : slash);
    String key = slash < 0 ? "" : decoded(path.substring(slash + 1).replace("+", "%2B"));
    String method = head.part(0);
    Map<String, String> headers = head.headers();
    return new S3Request(
        bucket.isEmpty()
            ? S3RequestKind.OTHER
            : S3RequestKind.of(method, !key.isEmpty(), query.keySet(), headers.keySet()),
        method,
        bucket,
        key,
        query,
        headers);
  }

  /** Returns the name of a bucket that was given by its name or its {@code s3://} URI. */
  static String bucketName(String bucket) {
    return bucket.startsWith("s3://") ? bucket.substring("s3://".length()) : bucket;
  }

  private static Map<String, String> query(String text) {
    Map<String, String> query = new LinkedHashMap<>();
    for (String pair : text.split("&", -1)) {
      int equals = pair.indexOf('=');
      query.put(
          decoded(equals < 0 ? pair : pair.substring(0, equals)),
          equals < 0 ? "" : decoded(pair.substring(equals + 1)));
    }
    return query;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
