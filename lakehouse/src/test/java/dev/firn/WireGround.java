package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.S3Server;
import dev.firn.testing.s3.S3Fault;
import dev.firn.testing.s3.S3RequestKind;
import dev.firn.testing.s3.S3Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Files in a bucket of their own; requests fail on the wire. Nothing below the engine repeats a
 * request, so that every failure reaches it.
 */
final class WireGround implements FaultGround {
  private final S3Server s3;
  private final String bucket;
  private final Map<String, String> properties;

  WireGround(S3Server s3, String database) {
    this.s3 = s3;
    this.bucket = s3.newBucket();
    this.properties = new HashMap<>(s3.properties());
    properties.put("warehouse", bucket + "/lake");
    properties.put("catalog", database);
    properties.put("s3.multipart.part-size-bytes", Integer.toString(5 << 20));
  }

  @Override
  public Settings settings() {
    return Settings.of(properties);
  }

  @Override
  public Lakehouse openFaulty() {
    Map<String, String> once = new HashMap<>(properties);
    once.put("s3.retry.num-retries", "0");
    return Lakehouse.open(once);
  }

  @Override
  public void reset() {
    s3.faults().clear(bucket);
    s3.requests().reset(bucket);
  }

  @Override
  public List<List<FaultPlan>> plans() {
    List<FaultPlan> plans = new ArrayList<>();
    s3.requests()
        .counts(bucket)
        .forEach(
            (kind, count) -> {
              for (long nth = 0; nth < count; nth++) {
                for (S3Fault fault : faults(kind)) {
                  plans.add(plan(S3Rule.on(bucket, kind, fault).skip(nth), kind));
                }
              }
            });
    return List.of(plans);
  }

  private FaultPlan plan(S3Rule rule, S3RequestKind kind) {
    String name = "%s %d suffers %s".formatted(kind, rule.skipped() + 1, rule.fault());
    return new FaultPlan(name, () -> s3.faults().add(rule));
  }

  private static List<S3Fault> faults(S3RequestKind kind) {
    return switch (kind) {
      case GET, GET_RANGE, LIST ->
          List.of(S3Fault.RESET_BEFORE, S3Fault.TRUNCATED_BODY, S3Fault.SLOW_DOWN);
      case HEAD -> List.of(S3Fault.RESET_BEFORE, S3Fault.SLOW_DOWN);
      default -> List.of(S3Fault.RESET_BEFORE, S3Fault.ANSWER_LOST, S3Fault.SLOW_DOWN);
    };
  }

  @Override
  public Set<String> present() {
    Set<String> files = new TreeSet<>();
    s3.keys(bucket).forEach(key -> files.add(bucket + "/" + key));
    return files;
  }

  @Override
  public boolean age(String location) {
    return false;
  }

  @Override
  public void assertNothingOpen(String what) {
    assertThat(s3.uploads(bucket)).as(what).isEmpty();
  }
}
