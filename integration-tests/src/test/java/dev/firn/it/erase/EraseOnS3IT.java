package dev.firn.it.erase;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.compaction.erase.CheckedFile;
import dev.firn.compaction.erase.ErasureReport;
import dev.firn.error.FirnException;
import dev.firn.testing.S3Server;
import dev.firn.testing.TestServers;
import dev.firn.testing.s3.S3Fault;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests fail, in every way and by a fixed seed, while rows are erased from a table in S3: each
 * run goes on where the last one failed, and no other row is ever concerned.
 */
@ExtendWith(TestServers.class)
class EraseOnS3IT {
  private static final Set<S3Fault> FAULTS =
      EnumSet.of(
          S3Fault.SLOW_DOWN,
          S3Fault.INTERNAL_ERROR,
          S3Fault.RESET_BEFORE,
          S3Fault.ANSWER_LOST,
          S3Fault.RESET_BODY,
          S3Fault.TRUNCATED_BODY);

  private static final int RUNS = 12;

  @TempDir private Path directory;
  private final long seed = Long.getLong("firn.erase.seed", 1);

  @Test
  void eachRunGoesOn(S3Server s3) throws IOException {
    System.out.println("EraseOnS3IT -Dfirn.erase.seed=" + seed);
    String bucket = s3.newBucket();
    Map<String, String> settings = new HashMap<>(s3.properties());
    settings.put("warehouse", bucket + "/lake");
    settings.put("catalog", "jdbc:sqlite:" + directory.resolve("catalog.db"));
    ErasedTable table = new ErasedTable();
    try (Lakehouse lake = Lakehouse.open(settings)) {
      table.create(lake);
      table.fill(lake);
    }
    Map<String, String> impatient = new HashMap<>(settings);
    impatient.put("s3.retry.num-retries", "0");
    int failed = 0;
    for (int run = 0; run < RUNS; run++) {
      try (Lakehouse lake = Lakehouse.open(impatient)) {
        LakeTable erased = lake.table(ErasedTable.NAME);
        s3.faults().random(bucket, seed * 100 + run, 0.5 / (run + 2), FAULTS);
        erased.erase(ErasedTable.WHERE).run();
      } catch (FirnException e) {
        failed++;
      } finally {
        s3.faults().clear(bucket);
      }
      try (Lakehouse lake = Lakehouse.open(settings)) {
        table.checkKept(lake);
      }
    }
    assertThat(failed).isPositive();
    try (Lakehouse lake = Lakehouse.open(settings)) {
      LakeTable erased = lake.table(ErasedTable.NAME);
      ErasureReport report = erased.erase(ErasedTable.WHERE).run();
      // Manifests of a commit that failed may be there still, as far as S3 did not let them go.
      if (ErasedTable.isProven(report)) {
        table.checkErased(lake, report);
      }
      table.checkKept(lake);
      Set<String> named =
          report.remaining().stream().map(CheckedFile::location).collect(Collectors.toSet());
      for (String key : s3.keys(bucket)) {
        String location = bucket + "/" + key;
        try (InputStream file = erased.iceberg().io().newInputFile(location).newStream()) {
          String bytes = new String(file.readAllBytes(), StandardCharsets.ISO_8859_1);
          assertThat(bytes.contains(ErasedTable.MARK) && !named.contains(location))
              .as("%s has a row and is not named", location)
              .isFalse();
        }
      }
    }
    assertThat(s3.uploads(bucket)).isEmpty();
  }
}
