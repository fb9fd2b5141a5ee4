package dev.firn.testing.s3;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The requests of each bucket, in the order of their answers. An exchange stands here before the
 * client sees the first byte of its answer. Buckets are given by name or by {@code s3://} URI.
 * Thread-safe.
 */
public final class S3RequestLog {
  private final Map<String, List<S3Exchange>> exchanges = new HashMap<>();

  S3RequestLog() {}

  /** Returns the exchanges on one bucket since its last reset. */
  public synchronized List<S3Exchange> of(String bucket) {
    return List.copyOf(exchanges.getOrDefault(S3Request.bucketName(bucket), List.of()));
  }

  /**
   * Returns how many requests of each kind there were on a bucket; kinds without any are absent.
   */
  public Map<S3RequestKind, Long> counts(String bucket) {
    Map<S3RequestKind, Long> counts = new EnumMap<>(S3RequestKind.class);
    of(bucket).forEach(each -> counts.merge(each.kind(), 1L, Long::sum));
    return counts;
  }

  /** Returns how many requests of one kind there were on a bucket. */
  public long count(String bucket, S3RequestKind kind) {
    return counts(bucket).getOrDefault(kind, 0L);
  }

  /** Forgets the exchanges on one bucket. */
  public synchronized void reset(String bucket) {
    exchanges.remove(S3Request.bucketName(bucket));
  }

  synchronized void add(S3Exchange exchange) {
    exchanges.computeIfAbsent(exchange.request().bucket(), any -> new ArrayList<>()).add(exchange);
  }
}
