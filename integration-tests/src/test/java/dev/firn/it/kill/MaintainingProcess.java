package dev.firn.it.kill;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.firn.Lakehouse;
import dev.firn.WrappedLake;
import dev.firn.testing.Fault;
import dev.firn.testing.FaultyFileIO;
import dev.firn.testing.FileOperation;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * A process that runs the maintenance service. It says {@code ready}, waits to be told to go, says
 * {@code working} once it is in the midst of a compaction, whose first file is written, and stays
 * there until it is killed.
 */
final class MaintainingProcess {
  private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);
  private static final CountDownLatch NEVER = new CountDownLatch(1);

  private MaintainingProcess() {}

  /** Arguments: warehouse, catalog, milliseconds of a lease. */
  public static void main(String[] args) throws Exception {
    Map<String, String> place = Map.of("warehouse", args[0], "catalog", args[1]);
    try (Lakehouse lake = WrappedLake.open(place, io -> new FaultyFileIO(io).add(stayMidway()))) {
      say("ready");
      if (System.in.read() < 0) {
        return;
      }
      Duration lease = Duration.ofMillis(Long.parseLong(args[2]));
      var unused = lake.maintenance().interval(Duration.ofMillis(50)).lease(lease).start();
      NEVER.await();
    }
  }

  private static Fault stayMidway() {
    return Fault.after(FileOperation.CLOSE, 1)
        .at(location -> location.endsWith(".parquet"))
        .throwing(
            () -> {
              try {
                say("working");
                NEVER.await();
                return new IOException("never");
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
  }

  /** In one call to the system, so that no half of a line is ever read. */
  private static void say(String line) {
    try {
      OUT.write((line + "\n").getBytes(US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
