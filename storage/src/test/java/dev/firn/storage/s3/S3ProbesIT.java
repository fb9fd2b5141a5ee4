package dev.firn.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.storage.probe.ProbeResult;
import dev.firn.storage.probe.ProbeResult.Status;
import dev.firn.storage.probe.StoreCheck;
import dev.firn.testing.S3Server;
import dev.firn.testing.TestServers;
import dev.firn.testing.s3.S3Fault;
import dev.firn.testing.s3.S3RequestKind;
import dev.firn.testing.s3.S3Rule;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
class S3ProbesIT {
  @Test
  void findsTheTestsServerFitAndLeavesNothing(S3Server server) {
    String bucket = server.newBucket();
    List<ProbeResult> results = check(server, bucket, Map.of());
    assertThat(results).allMatch(result -> result.status() == Status.OK);
    assertThat(results)
        .extracting(ProbeResult::feature)
        .contains("multipart upload", "abort of uploads", "paging of lists", "checksums verified");
    assertThat(server.uploads(bucket)).isEmpty();
    try (S3Store store = store(server, Map.of())) {
      assertThat(store.listPrefix(bucket)).isEmpty();
    }
  }

  @Test
  void tellsWhatFailsAndWhatIsSwitchedOff(S3Server server) {
    String bucket = server.newBucket();
    server.faults().add(S3Rule.on(bucket, S3RequestKind.COMPLETE, S3Fault.INTERNAL_ERROR).always());
    List<ProbeResult> results =
        check(
            server,
            bucket,
            Map.of("s3.checksum-enabled", "false", "s3.conditional-writes-enabled", "false"));
    server.faults().clear(bucket);
    assertThat(status(results, "checksums verified")).isEqualTo(Status.MISSING);
    assertThat(status(results, "conditional create")).isEqualTo(Status.OK);
    assertThat(status(results, "multipart upload")).isEqualTo(Status.FAILED);
    assertThat(results).anyMatch(ProbeResult::prevents);
    assertThat(server.uploads(bucket)).isEmpty();
  }

  private static Status status(List<ProbeResult> results, String feature) {
    return results.stream()
        .filter(result -> result.feature().equals(feature))
        .map(ProbeResult::status)
        .findFirst()
        .orElseThrow();
  }

  private static List<ProbeResult> check(S3Server server, String bucket, Map<String, String> more) {
    try (S3Store store = store(server, more)) {
      return new StoreCheck(store, bucket, Clock.systemUTC()).run();
    }
  }

  private static S3Store store(S3Server server, Map<String, String> more) {
    Map<String, String> properties = new HashMap<>(server.properties());
    properties.put("s3.multipart.part-size-bytes", Integer.toString(Writing.PART));
    properties.put("s3.retry.num-retries", "1");
    properties.put("s3.retry.min-wait-ms", "1");
    properties.putAll(more);
    S3Store store = new S3Store();
    store.initialize(properties);
    return store;
  }
}
