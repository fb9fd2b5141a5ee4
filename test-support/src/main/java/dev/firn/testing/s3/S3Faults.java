package dev.firn.testing.s3;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong on the wire, per bucket: rules, tried in the order they were added, then chance.
 * Buckets are given by name or by {@code s3://} URI; what is said of one never touches another.
 * Thread-safe.
 */
public final class S3Faults {
  /** A fault that a request suffers, at a place in its body from 0 to below 1. */
  record Injected(S3Fault fault, double place) {
    Duration latency() {
      return fault == S3Fault.LATENCY
          ? LATENCY.multipliedBy((long) (place * 100)).dividedBy(50)
          : Duration.ZERO;
    }
  }

  private static final Duration LATENCY = Duration.ofMillis(20);

  private final Map<String, Plan> plans = new HashMap<>();

  S3Faults() {}

  /** Adds a rule, whose counting begins now. */
  public synchronized S3Faults add(S3Rule rule) {
    plan(rule.bucket()).rules.add(new Counted(rule));
    return this;
  }

  /**
   * Lets each request on a bucket fail by chance, from now on, in place of what was said of chance
   * before. Requests one after another fail the same way again under the same seed.
   *
   * @param rate from 0 to 1
   * @param kinds each as likely as the others, of those that apply to the request
   */
  public synchronized S3Faults random(String bucket, long seed, double rate, Set<S3Fault> kinds) {
    plan(bucket).chance = new Chance(new Random(seed), rate, kinds.stream().sorted().toList());
    return this;
  }

  /** Delays every request on a bucket, from now on, by so much. */
  public synchronized S3Faults latency(String bucket, Duration latency) {
    plan(bucket).latency = latency;
    return this;
  }

  /** Forgets all that was said of a bucket; its requests go through again. */
  public synchronized void clear(String bucket) {
    plans.remove(S3Request.bucketName(bucket));
  }

  /** Returns how often each fault happened on a bucket since it was last cleared. */
  public synchronized Map<S3Fault, Long> happened(String bucket) {
    Plan plan = plans.get(S3Request.bucketName(bucket));
    return plan == null ? Map.of() : Map.copyOf(plan.happened);
  }

  synchronized Duration latency(S3Request request) {
    Plan plan = plans.get(request.bucket());
    return plan == null ? Duration.ZERO : plan.latency;
  }

  /** Decides what this request suffers, null for nothing. */
  synchronized @Nullable Injected next(S3Request request) {
    Plan plan = plans.get(request.bucket());
    return plan == null ? null : plan.next(request);
  }

  private Plan plan(String bucket) {
    return plans.computeIfAbsent(S3Request.bucketName(bucket), any -> new Plan());
  }

  private static final class Plan {
    private final List<Counted> rules = new ArrayList<>();
    private final Map<S3Fault, Long> happened = new EnumMap<>(S3Fault.class);
    private Duration latency = Duration.ZERO;
    private @Nullable Chance chance;

    @Nullable Injected next(S3Request request) {
      Injected due = null;
      for (Counted rule : rules) {
        // every rule counts every request, whichever of them comes due
        if (rule.due(request) && due == null) {
          due = new Injected(rule.rule.fault(), 0.5);
        }
      }
      if (due == null && chance != null) {
        due = chance.next(request);
      }
      if (due != null) {
        happened.merge(due.fault(), 1L, Long::sum);
      }
      return due;
    }
  }

  private static final class Counted {
    private final S3Rule rule;
    private long seen;

    Counted(S3Rule rule) {
      this.rule = rule;
    }

    boolean due(S3Request request) {
      if (!rule.matches(request)) {
        return false;
      }
      long before = seen++;
      return before >= rule.skipped() && before - rule.skipped() < rule.times();
    }
  }

  private record Chance(Random random, double rate, List<S3Fault> kinds) {
    @Nullable Injected next(S3Request request) {
      // always three draws, so that a request's fate depends on its place alone
      boolean hit = random.nextDouble() < rate;
      int kind = random.nextInt(1 << 20);
      double place = random.nextDouble();
      List<S3Fault> possible =
          hit ? kinds.stream().filter(each -> each.applies(request.kind())).toList() : List.of();
      return possible.isEmpty() ? null : new Injected(possible.get(kind % possible.size()), place);
    }
  }
}
