package dev.firn.storage.s3;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.NonRetryableException;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Reads bodies within the try that asked for them, so that one that breaks, ends early or stalls is
 * asked for again. Stateless.
 */
final class S3Body {
  private static final int COPY_BYTES = 64 * 1024;

  private S3Body() {}

  /** What is done with a body; called once for each try, so it must start anew each time. */
  interface Reader<T> {
    /**
     * Reads what it needs.
     *
     * @throws IOException to have the request sent again
     */
    T read(GetObjectResponse response, InputStream body) throws IOException;
  }

  /**
   * Makes what the SDK calls, whose own form neither retries an {@code IOException} nor gives up a
   * connection with a body that is not read to its end.
   */
  static <T> ResponseTransformer<GetObjectResponse, T> within(Reader<T> reader) {
    return (response, body) -> {
      try {
        return reader.read(response, body);
      } catch (IOException | RuntimeException e) {
        body.abort();
        throw again(e);
      }
    };
  }

  /** What the SDK itself found wrong, as a checksum, it would not try again. */
  private static RuntimeException again(Exception error) {
    if (error instanceof RuntimeException known
        && (!(known instanceof SdkClientException) || known instanceof NonRetryableException)) {
      return known;
    }
    return RetryableException.create(String.valueOf(error.getMessage()), error);
  }

  /** Gives up the connection: cheaper than to read a long rest. */
  static void abandon(InputStream body) {
    if (body instanceof AbortableInputStream abortable) {
      abortable.abort();
    }
  }

  /** Fills the target. */
  static void fill(InputStream body, ByteBuffer target) throws IOException {
    if (target.hasArray()) {
      int count = target.remaining();
      require(
          body.readNBytes(target.array(), target.arrayOffset() + target.position(), count), count);
      target.position(target.limit());
      return;
    }
    byte[] copy = new byte[Math.min(COPY_BYTES, target.remaining())];
    while (target.hasRemaining()) {
      int count = body.read(copy, 0, Math.min(copy.length, target.remaining()));
      require(count, 1);
      target.put(copy, 0, count);
    }
  }

  /** Reads and drops bytes. */
  static void skip(InputStream body, long count) throws IOException {
    if (count > 0) {
      body.skipNBytes(count);
    }
  }

  private static void require(int count, int wanted) throws IOException {
    if (count < wanted) {
      throw new IOException("the body ends early");
    }
  }

  /**
   * The part of the file that a body is.
   *
   * @param start of the body's first byte in the file
   * @param count of the body's bytes
   * @param total length of the file
   */
  record Extent(long start, long count, long total) {
    /** Reads {@code bytes 5-9/100}; a store that ignored the range sent the whole file. */
    static Extent of(GetObjectResponse response) throws IOException {
      long count = response.contentLength() == null ? -1 : response.contentLength();
      String range = response.contentRange();
      if (count < 0) {
        throw new IOException("the answer has no length");
      }
      return range == null ? new Extent(0, count, count) : parse(range, count);
    }

    private static Extent parse(@Nullable String range, long count) throws IOException {
      String text = String.valueOf(range);
      try {
        int dash = text.indexOf('-');
        int slash = text.indexOf('/');
        return new Extent(
            Long.parseLong(text.substring(text.indexOf(' ') + 1, dash)),
            count,
            Long.parseLong(text.substring(slash + 1)));
      } catch (IndexOutOfBoundsException | NumberFormatException e) {
        throw new IOException("the answer's range is " + text, e);
      }
    }

    long end() {
      return start + count;
    }
  }
}
