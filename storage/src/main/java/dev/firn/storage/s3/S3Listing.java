package dev.firn.storage.s3;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.iceberg.io.FileInfo;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * The objects below a prefix, which is a directory: {@code t} has {@code t/a} and not {@code t2/b}.
 * Each iteration asks anew, page by page as it goes, one page ahead at most. Immutable; iterators
 * are confined to one thread.
 */
record S3Listing(S3Location prefix, S3Connection connection) implements Iterable<FileInfo> {
  @Override
  public Iterator<FileInfo> iterator() {
    String key = prefix.key();
    return new Pages(key.isEmpty() || key.endsWith("/") ? key : key + "/");
  }

  private final class Pages implements Iterator<FileInfo> {
    private final String key;
    private Iterator<S3Object> page = List.<S3Object>of().iterator();
    private boolean started;
    private @Nullable Future<ListObjectsV2Response> next;

    Pages(String key) {
      this.key = key;
    }

    @Override
    public boolean hasNext() {
      if (!started) {
        started = true;
        show(list(null));
      }
      while (!page.hasNext() && next != null) {
        show(await(next));
      }
      return page.hasNext();
    }

    @Override
    public FileInfo next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      S3Object object = page.next();
      return new FileInfo(
          prefix.withKey(object.key()).toString(),
          object.size(),
          object.lastModified().toEpochMilli());
    }

    private void show(ListObjectsV2Response response) {
      page = response.contents().iterator();
      String token =
          Boolean.TRUE.equals(response.isTruncated()) ? response.nextContinuationToken() : null;
      next = token == null ? null : connection.requests().submit(() -> list(token));
    }

    private ListObjectsV2Response list(@Nullable String token) {
      ListObjectsV2Request request =
          ListObjectsV2Request.builder()
              .bucket(prefix.bucket())
              .prefix(key)
              .continuationToken(token)
              .build();
      try {
        ListObjectsV2Response response = connection.client().listObjectsV2(request);
        if (Boolean.TRUE.equals(response.isTruncated())
            && response.nextContinuationToken() == null) {
          throw SdkClientException.create("the listing goes on, and does not say from where");
        }
        return response;
      } catch (RuntimeException e) {
        throw connection.failure("list", prefix.toString(), e);
      }
    }

    private ListObjectsV2Response await(Future<ListObjectsV2Response> page) {
      try {
        return page.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw connection.failure(
            "list", prefix.toString(), AbortedException.create("interrupted", e));
      } catch (ExecutionException e) {
        throw connection.failure(
            "list", prefix.toString(), e.getCause() == null ? e : e.getCause());
      }
    }
  }
}
