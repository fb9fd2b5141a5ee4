package dev.firn.storage.s3;

import dev.firn.storage.ByteRange;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which ranges are read by which request. Stateless.
 *
 * <p>How it works: ranges that are at most {@link #LARGEST_GAP} apart form a run: the bytes between
 * cost less than a request. A run longer than {@link #LARGEST_REQUEST} is cut into equal parts,
 * each of which ends and begins with bytes that were asked for.
 */
final class ReadPlan {
  /** In bytes: what comes in the time that a request waits, 10 to 20 ms, at 50 to 100 MB/s. */
  static final long LARGEST_GAP = 1024 * 1024;

  /** In bytes: one connection gives 50 to 100 MB/s, so a longer one is faster in parts. */
  static final long LARGEST_REQUEST = 16 * 1024 * 1024;

  private ReadPlan() {}

  /**
   * Returns the ranges of each request, by position, their targets slices of the given ones, whose
   * positions stay.
   *
   * @throws IllegalArgumentException if two overlap: the bytes of both come once
   */
  static List<List<ByteRange>> of(List<ByteRange> ranges) {
    List<List<ByteRange>> requests = new ArrayList<>();
    List<ByteRange> run = new ArrayList<>();
    for (ByteRange range : sorted(ranges)) {
      if (!run.isEmpty() && range.position() < run.get(run.size() - 1).end()) {
        throw new IllegalArgumentException(
            "Cannot read ranges: two overlap, at " + range.position());
      }
      if (!run.isEmpty() && range.position() - run.get(run.size() - 1).end() > LARGEST_GAP) {
        cut(run, requests);
        run = new ArrayList<>();
      }
      run.add(range);
    }
    cut(run, requests);
    return requests;
  }

  private static List<ByteRange> sorted(List<ByteRange> ranges) {
    return ranges.stream()
        .filter(range -> range.target().hasRemaining())
        .sorted(Comparator.comparingLong(ByteRange::position))
        .toList();
  }

  private static void cut(List<ByteRange> run, List<List<ByteRange>> requests) {
    if (run.isEmpty()) {
      return;
    }
    long start = run.get(0).position();
    long length = run.get(run.size() - 1).end() - start;
    long parts = (length + LARGEST_REQUEST - 1) / LARGEST_REQUEST;
    long size = (length + parts - 1) / parts;
    for (long from = start; from < start + length; from += size) {
      List<ByteRange> request = between(run, from, from + size);
      if (!request.isEmpty()) {
        requests.add(request);
      }
    }
  }

  private static List<ByteRange> between(List<ByteRange> run, long from, long to) {
    List<ByteRange> request = new ArrayList<>();
    for (ByteRange range : run) {
      long start = Math.max(from, range.position());
      long end = Math.min(to, range.end());
      if (start < end) {
        request.add(new ByteRange(start, slice(range, start, end)));
      }
    }
    return request;
  }

  private static ByteBuffer slice(ByteRange range, long start, long end) {
    ByteBuffer target = range.target();
    return target.slice(target.position() + (int) (start - range.position()), (int) (end - start));
  }
}
