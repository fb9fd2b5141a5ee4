package dev.firn.it.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import dev.firn.testing.S3Server;
import dev.firn.testing.TestServers;
import dev.firn.testing.s3.S3Exchange;
import dev.firn.testing.s3.S3Fault;
import dev.firn.testing.s3.S3RequestKind;
import dev.firn.testing.s3.S3Rule;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the caches keep from an S3 server, and what they must not keep. */
@ExtendWith(TestServers.class)
class CachesOnS3IT {
  private static final int ROWS = 150_000;
  private static final Schema SCHEMA =
      new Schema(
          NestedField.required(1, "id", Types.LongType.get()),
          NestedField.required(2, "noise", Types.LongType.get()));

  @TempDir Path directory;
  private final Map<String, String> settings = new HashMap<>();
  private S3Server server;
  private String bucket;
  private long sum;

  @BeforeEach
  void createTable(S3Server s3) {
    server = s3;
    bucket = s3.newBucket();
    settings.putAll(s3.properties());
    settings.put("warehouse", bucket + "/lake");
    settings.put("catalog", "jdbc:sqlite:" + directory.resolve("catalog.db"));
    settings.put("firn.upkeep", "off");
    settings.put("firn.cache.disk-path", directory.resolve("blocks").toString());
    Random random = new Random(1);
    try (Lakehouse lake = Lakehouse.open(settings)) {
      LakeTable table = lake.createTable("t.t", SCHEMA);
      try (TableWriter writer = table.append()) {
        for (long i = 0; i < ROWS; i++) {
          long noise = random.nextLong();
          sum += noise;
          Record row = GenericRecord.create(writer.schema());
          row.setField("id", i);
          row.setField("noise", noise);
          writer.write(row);
        }
        writer.commit();
      }
    }
    server.requests().reset(bucket);
  }

  @Test
  void dataThatOneProcessReadIsOnDiskForTheNext() {
    assertThat(sumInNewLake()).isEqualTo(sum);
    assertThat(dataRequests()).isNotEmpty();

    server.requests().reset(bucket);
    assertThat(sumInNewLake()).isEqualTo(sum);
    assertThat(dataRequests()).isEmpty();
  }

  @Test
  void aSecondScanAsksForNothing() {
    try (Lakehouse lake = Lakehouse.open(settings)) {
      assertThat(sum(lake)).isEqualTo(sum);
      server.requests().reset(bucket);
      assertThat(sum(lake)).isEqualTo(sum);
      assertThat(server.requests().of(bucket)).isEmpty();
    }
  }

  @Test
  void whatCameDamagedIsNotKept() {
    server
        .faults()
        .add(S3Rule.on(bucket, S3RequestKind.GET_RANGE, S3Fault.FLIPPED_ANSWER).times(2));
    assertThat(sumInNewLake()).isEqualTo(sum);
    assertThat(server.faults().happened(bucket)).containsEntry(S3Fault.FLIPPED_ANSWER, 2L);

    server.requests().reset(bucket);
    assertThat(sumInNewLake()).isEqualTo(sum);
    assertThat(dataRequests()).isEmpty();
  }

  private long sumInNewLake() {
    try (Lakehouse lake = Lakehouse.open(settings)) {
      return sum(lake);
    }
  }

  private static long sum(Lakehouse lake) {
    long sum = 0;
    for (Record row : lake.table("t.t").scan().toList()) {
      sum += (Long) row.getField("noise");
    }
    return sum;
  }

  private List<String> dataRequests() {
    return server.requests().of(bucket).stream()
        .map(S3Exchange::key)
        .filter(key -> key.contains("/data/"))
        .toList();
  }
}
