package dev.firn.it.kill;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.firn.Lakehouse;
import dev.firn.maintenance.MaintenanceService;
import dev.firn.maintenance.TableStatus;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A process that runs the maintenance service. It says {@code ready}, waits to be told to go, says
 * {@code working} once it is in the midst of a compaction, and goes on until it is killed.
 */
final class MaintainingProcess {
  private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);
  private static final CountDownLatch NEVER = new CountDownLatch(1);

  private MaintainingProcess() {}

  /** Arguments: warehouse, catalog, milliseconds of a lease. */
  public static void main(String[] args) throws Exception {
    try (Lakehouse lake = Lakehouse.open(Map.of("warehouse", args[0], "catalog", args[1]))) {
      say("ready");
      if (System.in.read() < 0) {
        return;
      }
      Duration lease = Duration.ofMillis(Long.parseLong(args[2]));
      try (MaintenanceService service =
          lake.maintenance().interval(Duration.ofMillis(50)).lease(lease).start()) {
        while (service.status().stream().noneMatch(MaintainingProcess::isMidway)) {
          pause();
        }
        say("working");
        while (true) {
          pause();
        }
      }
    }
  }

  private static boolean isMidway(TableStatus status) {
    return "compact-recent".equals(status.work()) && status.bytesDone() > 0;
  }

  private static void pause() throws InterruptedException {
    boolean unused = NEVER.await(1, TimeUnit.MILLISECONDS);
  }

  /** In one call to the system, so that no half of a line is ever read. */
  private static void say(String line) throws IOException {
    OUT.write((line + "\n").getBytes(US_ASCII));
  }
}
