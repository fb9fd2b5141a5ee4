package dev.firn.testing.s3;

import org.jspecify.annotations.Nullable;

/**
 * A request and what became of it.
 *
 * @param status what was answered, by the server or by a fault; 0 if the request never reached the
 *     server and was not answered. An answer that a fault then lost or damaged counts as the server
 *     gave it
 * @param sent bytes of the object or document in the request, without the framing of chunks
 * @param answered bytes in the body of the answer, as the server gave it
 * @param fault what was injected, null for nothing
 */
public record S3Exchange(
    S3Request request, int status, long sent, long answered, @Nullable S3Fault fault) {

  public S3RequestKind kind() {
    return request.kind();
  }

  public String key() {
    return request.key();
  }
}
