package dev.firn.storage.s3;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.metrics.CoreMetric;
import software.amazon.awssdk.metrics.MetricCollection;
import software.amazon.awssdk.metrics.MetricPublisher;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * The multipart upload of one object. Confined to the thread of its stream; its requests run on
 * those of the connection. Owns the parts that it is given, and the upload in the store until
 * {@link #complete} returns or {@link #abort} is called.
 */
final class ObjectUpload {
  private static final Logger LOG = LoggerFactory.getLogger(ObjectUpload.class);

  private final S3Write write;
  private final Executor threads;
  private final Instant begun = Instant.now();
  private final CompletableFuture<String> id;
  private final List<CompletableFuture<CompletedPart>> parts = new ArrayList<>();
  private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
  private volatile boolean mayHaveStrays;
  private OpenUpload.@Nullable Ending ending;

  private ObjectUpload(S3Write write) {
    this.write = write;
    this.threads = write.connection().requests();
    this.id = CompletableFuture.supplyAsync(this::begin, threads);
  }

  /** Begins an upload, without waiting for the store. */
  static ObjectUpload start(S3Write write) {
    return new ObjectUpload(write);
  }

  int partCount() {
    return parts.size();
  }

  /**
   * Sends the next part, after a wait for room in the budget of the store. Takes the part, also
   * where it throws.
   */
  void send(Part part) throws InterruptedException {
    PartBudget budget = write.uploads().budget();
    int room = 0;
    try {
      throwFailure();
      room = budget.acquire(part.size());
      throwFailure();
    } catch (InterruptedException | RuntimeException e) {
      part.release();
      budget.release(room);
      throw e;
    }
    int number = parts.size() + 1;
    int taken = room;
    parts.add(
        id.thenApplyAsync(upload -> send(upload, number, part), threads)
            .whenComplete(
                (sent, error) -> {
                  part.release();
                  budget.release(taken);
                  if (error != null) {
                    failure.compareAndSet(null, S3Write.unwrap(error));
                  }
                }));
  }

  /**
   * Waits for the parts and makes the object visible. Interrupted while it waits for parts, it
   * throws; from then on it ends what it began.
   */
  void complete() throws InterruptedException {
    List<CompletedPart> sent = await();
    String upload = id.join();
    write.run(() -> new Publication(write).complete(upload, sent, () -> end(upload)));
    ending = OpenUpload.Ending.GONE;
    removeStrays();
  }

  /** Removes the upload, and its parts when the last one is done. Never throws. */
  void abort() {
    failure.compareAndSet(null, new IllegalStateException("the upload was given up"));
    try {
      CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
          .exceptionally(e -> null)
          .join();
      String upload = id.exceptionally(e -> "").join();
      if (!upload.isEmpty() && ending == null) {
        write.run(() -> end(upload));
      }
      removeStrays();
    } catch (RuntimeException e) {
      LOG.warn("Cannot abort the upload of {}: its parts may stay", write.location(), e);
    }
  }

  private OpenUpload.Ending end(String upload) {
    OpenUpload.Ending now = OpenUpload.abort(write, upload);
    ending = now;
    return now;
  }

  private void removeStrays() {
    try {
      if (mayHaveStrays) {
        write.run(() -> OpenUpload.abortStrays(write, begun));
      }
    } catch (RuntimeException e) {
      LOG.warn("Cannot look for uploads of {}", write.location(), e);
    }
  }

  private String begin() {
    CreateMultipartUploadRequest request =
        write.requests().begin().toBuilder()
            .overrideConfiguration(call -> call.addMetricPublisher(new Retries()))
            .build();
    try {
      return write.client().createMultipartUpload(request).uploadId();
    } catch (RuntimeException e) {
      mayHaveStrays = new WriteFailure(e).ambiguous();
      throw write.failed(e);
    }
  }

  private CompletedPart send(String upload, int number, Part part) {
    throwFailure();
    var request = write.requests().part(upload, number, part);
    try {
      UploadPartResponse answer =
          write.send(part, () -> write.client().uploadPart(request, part.body()));
      return CompletedPart.builder()
          .partNumber(number)
          .eTag(answer.eTag())
          .checksumCRC32C(answer.checksumCRC32C())
          .build();
    } catch (RuntimeException e) {
      throw write.failed(e);
    }
  }

  private List<CompletedPart> await() throws InterruptedException {
    try {
      CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new)).get();
      return parts.stream().map(CompletableFuture::join).toList();
    } catch (ExecutionException e) {
      throwFailure();
      throw S3Write.unwrap(e.getCause() == null ? e : e.getCause());
    }
  }

  private void throwFailure() {
    RuntimeException error = failure.get();
    if (error != null) {
      throw error;
    }
  }

  /** Sees whether a request was sent more than once. */
  private final class Retries implements MetricPublisher {
    @Override
    public void publish(MetricCollection metrics) {
      if (metrics.metricValues(CoreMetric.RETRY_COUNT).stream().anyMatch(count -> count > 0)) {
        mayHaveStrays = true;
      }
    }

    @Override
    public void close() {}
  }
}
