package dev.firn.it.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.Lakehouse;
import dev.firn.testing.ChildJvm;
import dev.firn.testing.S3Server;
import dev.firn.testing.TestServers;
import dev.firn.testing.s3.S3Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several writers change rows of their own in every way there is, while all upkeep runs beside them
 * all the time: no row is lost, none comes back, none comes twice, every file that a retained
 * snapshot needs is there, and on v3 row ids stay.
 *
 * <p>{@code -Dfirn.upkeep.seed}, {@code -Dfirn.upkeep.steps}: of each writer; {@code
 * -Dfirn.upkeep.runs}: of each test.
 */
@ExtendWith(TestServers.class)
class InterleavedUpkeepIT {
  private static final int RUNS = Integer.getInteger("firn.upkeep.runs", 1);
  private static final int STEPS = Integer.getInteger("firn.upkeep.steps", 24);
  private static final int WRITERS = 3;
  private static final int CHECKS = 3;
  private static final int PROCESSES = 2;
  private static final double FAULTS = 0.03;

  /** All that fails; a stall would be waited for, a minute each. */
  private static final EnumSet<S3Fault> FAILURES = EnumSet.complementOf(EnumSet.of(S3Fault.STALL));

  @TempDir Path directory;
  private final long first = Long.getLong("firn.upkeep.seed", 1);

  @Test
  void threads() throws Exception {
    for (long seed = first; seed < first + RUNS; seed++) {
      System.out.println("InterleavedUpkeepIT.threads -Dfirn.upkeep.seed=" + seed);
      Map<String, String> place =
          Map.of("warehouse", directory.resolve("threads-" + seed).toString());
      int version = seed % 2 == 0 ? 2 : 3;
      boolean sorted = seed % 3 == 0;
      try (Lakehouse lake = Lakehouse.open(place)) {
        UpkeptTable.create(lake, version, sorted);
        work(lake, seed, true);
      }
    }
  }

  @Test
  void threadsOnAStoreThatFails(S3Server s3) throws Exception {
    for (long seed = first; seed < first + RUNS; seed++) {
      System.out.println("InterleavedUpkeepIT.faults -Dfirn.upkeep.seed=" + seed);
      String bucket = s3.newBucket();
      Map<String, String> settings = new HashMap<>(s3.properties());
      settings.put("warehouse", bucket + "/lake");
      settings.put("catalog", "jdbc:sqlite:" + directory.resolve("faults-" + seed + ".db"));
      try (Lakehouse lake = Lakehouse.open(settings)) {
        UpkeptTable.create(lake, 3, false);
        s3.faults().random(bucket, seed, FAULTS, FAILURES);
        work(lake, seed, false);
      } finally {
        s3.faults().clear(bucket);
      }
    }
  }

  private void work(Lakehouse lake, long seed, boolean local) throws Exception {
    UpkeptTable table = new UpkeptTable(seed);
    List<UpkeepWriter> writers =
        IntStream.range(0, WRITERS).mapToObj(i -> new UpkeepWriter(lake, seed, i, 0)).toList();
    AtomicInteger jobs = new AtomicInteger();
    for (int check = 1; check <= CHECKS; check++) {
      work(lake, writers, STEPS * check / CHECKS, new Random(seed * 17 + check), jobs);
      int[] sure = writers.stream().mapToInt(UpkeepWriter::steps).toArray();
      table.check(lake, sure.clone(), local);
    }
    System.out.println(WRITERS * STEPS + " steps, " + jobs + " jobs of upkeep beside them");
    assertThat(jobs.get()).isPositive();
  }

  /** Lets all writers come to a step, and upkeep run beside them on two threads. */
  private static void work(
      Lakehouse lake, List<UpkeepWriter> writers, int until, Random random, AtomicInteger jobs)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(writers.size() + 2);
    AtomicBoolean done = new AtomicBoolean();
    try {
      List<Future<?>> upkeep = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        UpkeepJobs each = new UpkeepJobs(lake, new Random(random.nextLong()), jobs);
        upkeep.add(threads.submit(() -> each.run(() -> !done.get())));
      }
      List<Future<?>> writing = new ArrayList<>();
      writers.forEach(writer -> writing.add(threads.submit(() -> write(writer, until, done))));
      await(writing, done);
      done.set(true);
      await(upkeep, done);
    } finally {
      done.set(true);
      threads.shutdown();
    }
  }

  private static void write(UpkeepWriter writer, int until, AtomicBoolean done) {
    while (writer.steps() < until && !done.get()) {
      writer.step();
    }
  }

  private static void await(List<Future<?>> all, AtomicBoolean done) throws Exception {
    for (Future<?> each : all) {
      try {
        each.get();
      } catch (ExecutionException e) {
        done.set(true);
        throw e;
      }
    }
  }

  @Test
  void processesThatAreKilled() throws Exception {
    for (long seed = first; seed < first + RUNS; seed++) {
      System.out.println("InterleavedUpkeepIT.processes -Dfirn.upkeep.seed=" + seed);
      Path place = Files.createDirectory(directory.resolve("processes-" + seed));
      String catalog = "jdbc:sqlite:" + place.resolve("catalog.db");
      Map<String, String> settings =
          Map.of("warehouse", place.resolve("lake").toString(), "catalog", catalog);
      try (Lakehouse lake = Lakehouse.open(settings)) {
        UpkeptTable.create(lake, 3, false);
      }
      UpkeptTable table = new UpkeptTable(seed);
      Random random = new Random(seed);
      int[] sure = new int[PROCESSES * WRITERS];
      int kills = Math.max(2, STEPS / 8);
      for (int kill = 0; kill < kills; kill++) {
        killed(settings, seed, sure, random);
        expireLeases(catalog);
        try (Lakehouse lake = Lakehouse.open(settings)) {
          table.check(lake, sure, true);
        }
      }
      System.out.println(kills + " kills, steps " + Arrays.toString(sure));
    }
  }

  /** Runs both processes until some steps are done, and kills them one after the other. */
  private void killed(Map<String, String> settings, long seed, int[] sure, Random random)
      throws Exception {
    List<ChildJvm> processes = new ArrayList<>();
    try {
      for (int i = 0; i < PROCESSES; i++) {
        processes.add(start(settings, seed, i * WRITERS, sure));
      }
      for (ChildJvm process : processes) {
        assertThat(process.line()).isEqualTo("ready");
      }
      processes.forEach(ChildJvm::go);
      List<String> said = new ArrayList<>();
      for (ChildJvm process : processes) {
        for (int steps = random.nextInt(8); steps >= 0; steps--) {
          said.add(process.line());
        }
        process.letRun(random.nextInt(200));
        said.addAll(process.kill());
        assertThat(process.errors()).isEmpty();
      }
      said.forEach(writer -> sure[Integer.parseInt(writer)]++);
    } finally {
      processes.forEach(ChildJvm::close);
    }
  }

  private ChildJvm start(Map<String, String> settings, long seed, int offset, int[] sure) {
    String steps =
        IntStream.range(offset, offset + WRITERS)
            .mapToObj(i -> Integer.toString(sure[i]))
            .collect(Collectors.joining(","));
    return ChildJvm.start(
        UpkeepProcess.class,
        directory.resolve("errors-" + offset),
        List.of(settings.get("warehouse"), settings.get("catalog"), "" + seed, "" + offset, steps));
  }

  /** As if the killed processes' leases had run out. */
  private static void expireLeases(String catalog) throws Exception {
    try (Connection connection = DriverManager.getConnection(catalog);
        Statement statement = connection.createStatement()) {
      statement.execute("UPDATE firn_sessions SET lease_until = 0");
    }
  }
}
