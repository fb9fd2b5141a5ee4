package dev.firn.storage.s3;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.services.s3.model.Delete;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectsRequest;
import software.amazon.awssdk.services.s3.model.GetObjectTaggingRequest;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.PutObjectTaggingRequest;
import software.amazon.awssdk.services.s3.model.S3Error;
import software.amazon.awssdk.services.s3.model.Tag;
import software.amazon.awssdk.services.s3.model.Tagging;

/**
 * Deletes objects, one or many. Thread-safe.
 *
 * <p>How it works: objects of one bucket and one client go in batches ({@code
 * s3.delete.batch-size}), several batches side by side ({@code s3.delete.num-threads}). A key of
 * which the answer says that the store failed is deleted again by a request of its own, which is
 * retried as all are; a store without batches gets only such requests.
 */
final class S3Deletes {
  private static final Logger LOG = LoggerFactory.getLogger(S3Deletes.class);
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int NOT_IMPLEMENTED = 501;
  private static final Set<String> WITHOUT_BATCHES =
      Set.of("NotImplemented", "MethodNotAllowed", "MissingContentMD5", "InvalidDigest");
  private static final Set<String> STORE_FAILED =
      Set.of("InternalError", "SlowDown", "ServiceUnavailable", "RequestTimeout");

  private volatile boolean withoutBatches;

  /** Deletes an object; a missing one is no error. */
  void delete(S3Location file, S3Connection connection) {
    S3FileIOProperties settings = connection.settings();
    if (!settings.deleteTags().isEmpty()) {
      tag(file, connection);
    }
    if (!settings.isDeleteEnabled()) {
      return;
    }
    DeleteObjectRequest request =
        DeleteObjectRequest.builder().bucket(file.bucket()).key(file.key()).build();
    try {
      connection.client().deleteObject(request);
    } catch (RuntimeException e) {
      RuntimeException failure = connection.failure("delete", file.toString(), e);
      if (!(failure instanceof NotFoundException)) {
        throw failure;
      }
    }
  }

  /** Deletes what it can, logs and counts what it cannot. */
  void deleteAll(Iterable<String> locations, S3Clients clients) {
    Map<Group, List<S3Location>> waiting = new HashMap<>();
    Running running = new Running();
    for (String location : locations) {
      S3Location file = clients.parseFile(location);
      Group group = new Group(file.bucket(), clients.settings(file));
      List<S3Location> batch = waiting.computeIfAbsent(group, any -> new ArrayList<>());
      batch.add(file);
      if (batch.size() >= group.settings().deleteBatchSize()) {
        waiting.remove(group);
        running.start(batch, new S3Connection(clients, file));
      }
    }
    waiting
        .values()
        .forEach(batch -> running.start(batch, new S3Connection(clients, batch.get(0))));
    int failed = running.finish();
    if (failed > 0) {
      throw new BulkDeletionFailureException(failed);
    }
  }

  /** What one request can delete. */
  private record Group(String bucket, S3FileIOProperties settings) {}

  /** A batch on its way. */
  private record Pending(S3Location first, S3Connection connection, Future<Integer> failed) {
    int await() {
      try {
        return failed.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw failure(AbortedException.create("interrupted", e));
      } catch (ExecutionException e) {
        throw failure(e.getCause() == null ? e : e.getCause());
      }
    }

    private RuntimeException failure(Throwable error) {
      return connection.failure("delete", first.toString(), error);
    }
  }

  /** Batches on their way, confined to one thread. */
  private final class Running {
    private final ArrayDeque<Pending> batches = new ArrayDeque<>();
    private int failed;

    void start(List<S3Location> batch, S3Connection connection) {
      if (batches.size() >= Math.max(1, connection.settings().deleteThreads())) {
        failed += batches.remove().await();
      }
      batches.add(
          new Pending(
              batch.get(0),
              connection,
              connection.requests().submit(() -> deleteBatch(batch, connection))));
    }

    int finish() {
      while (!batches.isEmpty()) {
        failed += batches.remove().await();
      }
      return failed;
    }
  }

  /** Returns how many could not be deleted, each of which it logs. */
  private int deleteBatch(List<S3Location> batch, S3Connection connection) {
    S3FileIOProperties settings = connection.settings();
    boolean single = batch.size() == 1 || withoutBatches;
    if (single || !settings.deleteTags().isEmpty() || !settings.isDeleteEnabled()) {
      return deleteEach(batch, connection);
    }
    try {
      return deleteAgain(batch, deleteTogether(batch, connection), connection);
    } catch (AwsServiceException e) {
      if (lacksBatches(e)) {
        LOG.info("{} deletes one object at a time: {}", batch.get(0).bucket(), e.getMessage());
        withoutBatches = true;
        return deleteEach(batch, connection);
      }
      return allFailed(batch, connection, e);
    } catch (RuntimeException e) {
      return allFailed(batch, connection, e);
    }
  }

  private static boolean lacksBatches(AwsServiceException answer) {
    return answer.statusCode() == NOT_IMPLEMENTED
        || answer.statusCode() == METHOD_NOT_ALLOWED
        || WITHOUT_BATCHES.contains(S3Failure.code(answer));
  }

  private static int allFailed(
      List<S3Location> batch, S3Connection connection, RuntimeException error) {
    RuntimeException failure = connection.failure("delete", batch.get(0).toString(), error);
    LOG.warn("Cannot delete {} files of a batch", batch.size(), failure);
    return batch.size();
  }

  private static List<S3Error> deleteTogether(List<S3Location> batch, S3Connection connection) {
    List<ObjectIdentifier> keys =
        batch.stream().map(file -> ObjectIdentifier.builder().key(file.key()).build()).toList();
    DeleteObjectsRequest request =
        DeleteObjectsRequest.builder()
            .bucket(batch.get(0).bucket())
            .delete(Delete.builder().objects(keys).quiet(true).build())
            .build();
    return connection.client().deleteObjects(request).errors().stream()
        .filter(error -> !"NoSuchKey".equals(error.code()))
        .toList();
  }

  private int deleteAgain(List<S3Location> batch, List<S3Error> errors, S3Connection connection) {
    int failed = 0;
    List<S3Location> again = new ArrayList<>();
    for (S3Error error : errors) {
      S3Location file = batch.get(0).withKey(error.key());
      if (STORE_FAILED.contains(String.valueOf(error.code()))) {
        again.add(file);
      } else {
        LOG.warn("Cannot delete file: got {} ({}) [{}]", error.code(), error.message(), file);
        failed++;
      }
    }
    return failed + deleteEach(again, connection);
  }

  private int deleteEach(List<S3Location> files, S3Connection connection) {
    int failed = 0;
    for (S3Location file : files) {
      try {
        delete(file, connection);
      } catch (RuntimeException e) {
        LOG.warn("Cannot delete file [{}]", file, e);
        failed++;
      }
    }
    return failed;
  }

  /** Adds {@code s3.delete.tags.…} to those that the object has; what fails is logged. */
  private static void tag(S3Location file, S3Connection connection) {
    try {
      Set<Tag> tags = new HashSet<>(connection.settings().deleteTags());
      tags.addAll(
          connection
              .client()
              .getObjectTagging(
                  GetObjectTaggingRequest.builder().bucket(file.bucket()).key(file.key()).build())
              .tagSet());
      connection
          .client()
          .putObjectTagging(
              PutObjectTaggingRequest.builder()
                  .bucket(file.bucket())
                  .key(file.key())
                  .tagging(Tagging.builder().tagSet(tags).build())
                  .build());
    } catch (RuntimeException e) {
      LOG.warn("Cannot tag deleted file [{}]", file, connection.failure("tag", file.toString(), e));
    }
  }
}
