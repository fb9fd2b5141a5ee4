package dev.firn.storage.s3;

import dev.firn.storage.ByteRange;
import dev.firn.storage.StoreMeter;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.apache.iceberg.exceptions.NotFoundException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/**
 * The requests that read one object. Immutable.
 *
 * <p>Errors are those that {@code RangeReader} names: {@code EOFException}, {@code
 * NotFoundException}, {@code IOException} where the store failed; a {@code FirnException} is
 * INVALID or CORRUPT.
 */
record S3Reads(S3Location file, S3Connection connection) {
  private static final int RANGE_NOT_SATISFIABLE = 416;

  /** For one try, with another second for each MiB. A silent line ends much earlier. */
  private static final Duration ATTEMPT_TIMEOUT = Duration.ofMinutes(1);

  private static final int MIB = 1024 * 1024;

  /** How long the object is, or nothing where it is missing; asks the store. */
  Optional<Long> head() {
    HeadObjectRequest.Builder request =
        HeadObjectRequest.builder().bucket(file.bucket()).key(file.key());
    if (customerKey()) {
      request
          .sseCustomerAlgorithm(ServerSideEncryption.AES256.toString())
          .sseCustomerKey(connection.settings().sseKey())
          .sseCustomerKeyMD5(connection.settings().sseMd5());
    }
    try {
      Long length = connection.client().headObject(request.build()).contentLength();
      if (length == null) {
        throw SdkClientException.create("the answer has no length");
      }
      return Optional.of(length);
    } catch (SdkException e) {
      RuntimeException failure = connection.failure("read", file.toString(), e);
      if (failure instanceof NotFoundException) {
        return Optional.empty();
      }
      throw failure;
    }
  }

  /**
   * Fills the targets of ranges, in one request for all that is between the first and the last.
   *
   * @param ranges in the order of their positions, without overlaps, not empty
   * @return the length of the file
   */
  long read(List<ByteRange> ranges) throws IOException {
    long start = ranges.get(0).position();
    long end = ranges.get(ranges.size() - 1).end();
    GetObjectRequest request = get("bytes=" + start + "-" + (end - 1), end - start).build();
    long total =
        send(
            request,
            (response, body) -> {
              S3Body.Extent extent = S3Body.Extent.of(response);
              if (extent.total() < end) {
                S3Body.abandon(body);
                return extent.total();
              }
              fill(extent, body, ranges);
              return extent.total();
            });
    if (total < end) {
      throw endsEarly(start, end, total);
    }
    meter(end - start);
    ranges.forEach(range -> range.target().position(range.target().limit()));
    return total;
  }

  private static void fill(S3Body.Extent extent, InputStream body, List<ByteRange> ranges)
      throws IOException {
    long position = extent.start();
    long last = ranges.get(ranges.size() - 1).end();
    if (position > ranges.get(0).position() || extent.end() < last) {
      throw new IOException("the answer is another range, " + extent);
    }
    for (ByteRange range : ranges) {
      S3Body.skip(body, range.position() - position);
      S3Body.fill(body, range.target().duplicate());
      position = range.end();
    }
    if (extent.end() > last) {
      S3Body.abandon(body);
    }
  }

  /**
   * Fills the target with the last bytes of the file, or all of one that has fewer.
   *
   * @return the length of the file
   */
  long readTail(ByteBuffer target) throws IOException {
    int wanted = target.remaining();
    S3Body.Extent got;
    try {
      got =
          send(
              get("bytes=-" + wanted, wanted).build(),
              (response, body) -> {
                S3Body.Extent extent = S3Body.Extent.of(response);
                int count = (int) Math.min(wanted, extent.count());
                S3Body.skip(body, extent.count() - count);
                S3Body.fill(body, target.slice(target.position(), count));
                return extent;
              });
    } catch (BehindEndException e) {
      return 0;
    }
    int count = (int) Math.min(wanted, got.count());
    target.position(target.position() + count);
    meter(count);
    return got.total();
  }

  /** Some bytes of a file, an array of their own, and the file's length. */
  record Piece(ByteBuffer bytes, long total) {}

  /**
   * Reads on from a position, at most so many bytes, none behind the end of the file.
   *
   * @return a length of {@code position} where the file ends at it or before
   */
  Piece readFrom(long position, int most) throws IOException {
    Piece got;
    try {
      got =
          send(
              get("bytes=" + position + "-" + (position + most - 1), most).build(),
              (response, body) -> {
                S3Body.Extent extent = S3Body.Extent.of(response);
                S3Body.skip(body, position - extent.start());
                byte[] bytes = new byte[(int) Math.min(most, extent.end() - position)];
                S3Body.fill(body, ByteBuffer.wrap(bytes));
                if (extent.end() > position + most) {
                  S3Body.abandon(body);
                }
                return new Piece(ByteBuffer.wrap(bytes), extent.total());
              });
    } catch (BehindEndException e) {
      return new Piece(ByteBuffer.allocate(0), position);
    }
    meter(got.bytes().capacity());
    return got;
  }

  /** Reads all of a file that is not longer than {@code most}, verified; else its first bytes. */
  Piece readBeginning(int most) throws IOException {
    S3Digest digest = new S3Digest(connection.settings());
    GetObjectRequest request = get(null, most).checksumMode(ChecksumMode.ENABLED).build();
    Piece got =
        send(
            request,
            (response, body) -> {
              long total = S3Body.Extent.of(response).total();
              byte[] bytes = new byte[(int) Math.min(most, total)];
              if (bytes.length < total) {
                S3Body.fill(body, ByteBuffer.wrap(bytes));
                S3Body.abandon(body);
              } else {
                digest.readWhole(response, body, bytes);
              }
              return new Piece(ByteBuffer.wrap(bytes), total);
            });
    meter(got.bytes().capacity());
    return got;
  }

  private GetObjectRequest.Builder get(@Nullable String range, long bytes) {
    Duration timeout = ATTEMPT_TIMEOUT.plusSeconds(bytes / MIB);
    GetObjectRequest.Builder request =
        GetObjectRequest.builder()
            .bucket(file.bucket())
            .key(file.key())
            .range(range)
            .overrideConfiguration(o -> o.apiCallAttemptTimeout(timeout));
    if (customerKey()) {
      request
          .sseCustomerAlgorithm(ServerSideEncryption.AES256.toString())
          .sseCustomerKey(connection.settings().sseKey())
          .sseCustomerKeyMD5(connection.settings().sseMd5());
    }
    return request;
  }

  /** A key of KMS is named when a file is written, a key of the customer's own at each request. */
  private boolean customerKey() {
    return connection
        .settings()
        .sseType()
        .toLowerCase(Locale.ROOT)
        .equals(S3FileIOProperties.SSE_TYPE_CUSTOM);
  }

  private <T> T send(GetObjectRequest request, S3Body.Reader<T> reader) throws IOException {
    try {
      return connection.client().getObject(request, S3Body.within(reader));
    } catch (S3Exception e) {
      if (e.statusCode() == RANGE_NOT_SATISFIABLE) {
        throw new BehindEndException(
            "Cannot read file: it ends before %s [%s]".formatted(request.range(), file), e);
      }
      throw S3Failure.whileReading(connection.failure("read", file.toString(), e));
    } catch (SdkException e) {
      throw S3Failure.whileReading(connection.failure("read", file.toString(), e));
    }
  }

  private void meter(long bytes) {
    connection.meter().add(StoreMeter.Event.BYTES_READ, bytes);
  }

  EOFException endsEarly(long position, long end, long length) {
    return new EOFException(
        "Cannot read file: it ends early, expected %d bytes from %d, got %d [%s]"
            .formatted(end - position, position, Math.max(0, length - position), file));
  }

  /** A range begins where the file has ended, as every range of an empty file does. */
  private static final class BehindEndException extends EOFException {
    private static final long serialVersionUID = 1L;

    BehindEndException(String message, Throwable cause) {
      super(message);
      initCause(cause);
    }
  }
}
