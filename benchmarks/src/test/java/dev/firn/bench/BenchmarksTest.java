package dev.firn.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every suite works at tiny size, and all sides read and write the same. */
class BenchmarksTest {
  private static final String RESULT =
      "\"id\" : \"%s\",\\s+\"ours\" : [0-9.E-]+,\\s+\"peer\" : %s,\\s+\"unit\" : \"%s\",\\s+"
          + "\"ratio\" : [0-9.E-]+,\\s+\"correct\" : true";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream progress = new ByteArrayOutputStream();

  @TempDir private Path directory;

  @Test
  void scansAreEqualToThoseOfAllPeers() throws Exception {
    String json = run("scan", "^scan\\.(events\\.snappy\\.)?(full|3col|filter1pct|deletes10)\\.");
    assertThat(json).contains("\"suite\" : \"scan\"", "\"machine\" : ", "\"commit\" : ");
    for (String peer : List.of("duckdb", "iceberg-arrow", "iceberg-generic", "floor")) {
      assertThat(json).containsPattern(result("scan.full.t1.vs-" + peer));
      assertThat(json).containsPattern(result("scan.events.snappy.full.t1.vs-" + peer));
    }
    assertThat(json).containsPattern(result("scan.deletes10.vs-clean"));
    assertThat(json).containsPattern(result("scan.filter1pct.t2.vs-duckdb"));
  }

  @Test
  void writesAreReadByAllPeers() throws Exception {
    String json = run("write", "");
    for (String peer : List.of("duckdb", "iceberg-generic")) {
      assertThat(json).containsPattern(result("write.t1.vs-" + peer));
      assertThat(json).containsPattern(result("write.events.snappy.t1.vs-" + peer));
    }
    assertThat(json)
        .containsPattern(RESULT.formatted("write.partitions10k.memory-mb", "null", "MB"));
  }

  @Test
  void commitsOfBothSidesAreThereOnceEach() throws Exception {
    String json = run("commit", "sqlite\\.w1\\.|w64|age|tables10|group");
    for (String id : List.of("sqlite.w1.acks", "sqlite.w64.acks", "postgres.w64.acks")) {
      assertThat(json)
          .containsPattern(RESULT.formatted("commit." + id + ".vs-jdbccatalog", "[0-9.E-]+", "/s"));
    }
    for (String id : List.of("sqlite.w64.failed", "postgres.w64.failed", "group.requests")) {
      assertThat(json).containsPattern(RESULT.formatted("commit." + id, "[0-9.E-]+", "n"));
    }
    for (String id : List.of("sqlite.w64.p99-ms", "age.p50-10000-vs-100", "tables10.vs-1")) {
      assertThat(json).containsPattern(RESULT.formatted("commit." + id, "[0-9.E-]+", "ms"));
    }
  }

  @Test
  void tablesInS3AreReadAndWrittenAlike() throws Exception {
    String json = run("s3", "scan|small|append");
    for (String id : List.of("scan.3of16.vs-iceberg", "scan.3of16.vs-s3a", "small100.vs-iceberg")) {
      assertThat(json).containsPattern(result("s3." + id));
    }
    assertThat(json).containsPattern(result("s3.append.vs-iceberg"));
    assertThat(json).containsPattern(RESULT.formatted("s3.scan.3of16.requests", "[0-9.E-]+", "n"));
  }

  @Test
  void upsertsAreReadLikeEqualityDeletes() throws Exception {
    String json = run("upsert", "");
    assertThat(json).containsPattern(result("upsert.100m-vs-10m"));
    assertThat(json)
        .containsPattern(
            RESULT.formatted("upsert.write-and-read.vs-equality-deletes", "[0-9.E-]+", "/s"));
    assertThat(json)
        .containsPattern(RESULT.formatted("upsert.index.bytes-per-key", "null", "B"))
        .containsPattern(
            RESULT.formatted("upsert.index.rebuild-keys-per-second-core", "null", "/s"));
  }

  @Test
  void plansAreOfTheSameFiles() throws Exception {
    String json = run("plan", "");
    for (String id : List.of("partition.warm", "stats.warm", "cold")) {
      assertThat(json).containsPattern(result("plan.1m." + id + ".vs-iceberg"));
    }
    assertThat(json).containsPattern(RESULT.formatted("plan.index.bytes-per-file", "null", "B"));
  }

  @Test
  void compactedTablesHoldWhatPeersWrite() throws Exception {
    // Without Spark, whose start would take longer than all other suites.
    String json = run("compact", "vs-(duckdb|iceberg)|size|memory");
    for (String id : List.of("pagemerge", "decode")) {
      assertThat(json).containsPattern(result("compact." + id + ".vs-duckdb"));
      assertThat(json).containsPattern(result("compact." + id + ".vs-iceberg"));
    }
    assertThat(json)
        .containsPattern(RESULT.formatted("compact.pagemerge.size-vs-decode", "[0-9.E-]+", "MB"))
        .containsPattern(RESULT.formatted("compact.memory-mb", "null", "MB"));
  }

  @Test
  void listsItsSuitesWhereNoneIsNamed() throws Exception {
    int status =
        Benchmarks.run(List.of(), new PrintStream(out), new PrintStream(progress), directory);
    assertThat(status).isEqualTo(2);
    assertThat(progress.toString(StandardCharsets.UTF_8))
        .contains("usage: benchmarks/run SUITE", "scan ", "write ", "commit ", "s3 ", "upsert ");
  }

  private static String result(String id) {
    return RESULT.formatted(id, "[0-9.E-]+", "s");
  }

  private String run(String suite, String only) throws Exception {
    Path json = directory.resolve(suite + ".json");
    int status =
        Benchmarks.run(
            List.of(suite, "--quick", "--only", only, "--json", json.toString()),
            new PrintStream(out),
            new PrintStream(progress),
            directory);
    assertThat(status).as(progress.toString(StandardCharsets.UTF_8)).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).doesNotContain("false");
    return Files.readString(json);
  }
}
