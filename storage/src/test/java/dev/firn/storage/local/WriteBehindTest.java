package dev.firn.storage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.storage.StoreOutputStream;
import dev.firn.testing.disk.ForgetfulDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteBehindTest {
  private static final String THREAD = "firn-write-behind";

  @TempDir Path directory;
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private WriteBehind held() {
    WriteBehind holding =
        new WriteBehind(
            () -> {
              begun.countDown();
              await(released);
            });
    holding.ask();
    await(begun);
    return holding;
  }

  @Test
  void whatHasNotBegunIsTakenBackAndWhatHasIsWaitedFor() throws Exception {
    WriteBehind first = held();
    AtomicInteger forced = new AtomicInteger();
    WriteBehind second = new WriteBehind(forced::incrementAndGet);
    second.ask();
    second.settle();

    Thread waiting =
        new Thread(
            () -> {
              try {
                first.settle();
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    waiting.start();
    while (waiting.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    waiting.interrupt();
    released.countDown();
    waiting.join();

    CountDownLatch third = new CountDownLatch(1);
    new WriteBehind(third::countDown).ask();
    await(third);
    assertThat(forced).hasValue(0);
  }

  @Test
  void asksOnceUntilItHasBegun() throws Exception {
    held();
    AtomicInteger forced = new AtomicInteger();
    CountDownLatch ended = new CountDownLatch(1);
    WriteBehind second = new WriteBehind(forced::incrementAndGet);
    second.ask();
    second.ask();
    new WriteBehind(ended::countDown).ask();
    released.countDown();
    await(ended);

    assertThat(forced).hasValue(1);
    second.settle();
  }

  @Test
  void fileWhoseBytesDidNotReachTheDiskIsNotPublished() throws Exception {
    ForgetfulDisk disk = new ForgetfulDisk(directory);
    CountDownLatch failed = new CountDownLatch(1);
    disk.afterEachStep(
        () -> {
          if (Thread.currentThread().getName().equals(THREAD)) {
            failed.countDown();
            throw new IllegalStateException("the disk is broken");
          }
        });
    String file = directory.resolve("f").toString();
    StoreOutputStream out = LocalFileIO.on(disk.fileSystem()).newOutputFile(file).create();
    out.write(new byte[20 << 20]);
    await(failed);

    assertThatThrownBy(out::close)
        .hasMessageContaining("Cannot write file")
        .hasMessageContaining("the disk is broken");
    try (var left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void largeFileHoldsWhatWasWritten() throws IOException {
    byte[] bytes = new byte[(40 << 20) + 7];
    new Random(1).nextBytes(bytes);
    ForgetfulDisk disk = new ForgetfulDisk(directory);
    String file = directory.resolve("f").toString();
    try (StoreOutputStream out = LocalFileIO.on(disk.fileSystem()).newOutputFile(file).create()) {
      for (int at = 0, length = 1; at < bytes.length; at += length, length = length * 3 + 1) {
        length = Math.min(length, bytes.length - at);
        out.write(bytes, at, length);
        assertThat(out.getPos()).isEqualTo(at + length);
      }
    }
    assertThat(Arrays.equals(Files.readAllBytes(Path.of(file)), bytes)).isTrue();
    assertThat(disk.survivors(3).values()).allMatch(left -> Arrays.equals(left, bytes)).hasSize(1);
  }
}
