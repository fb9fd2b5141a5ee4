package dev.firn.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.iceberg.exceptions.NotFoundException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemoryCacheTest {
  private static final int THREADS = 8;

  private final ExecutorService pool = Executors.newFixedThreadPool(THREADS);
  private final MemoryCache cache = MemoryCache.ofBytes(1 << 20);

  private record Text(String text, long weight) implements Weighed {}

  private record Other(long weight) implements Weighed {}

  @AfterEach
  void stop() throws InterruptedException {
    pool.shutdownNow();
    assertThat(pool.awaitTermination(2, TimeUnit.MINUTES)).isTrue();
  }

  @Test
  void loadsOnce() {
    assertThat(text("f", "first")).isEqualTo("first");
    assertThat(text("f", "second")).isEqualTo("first");
    assertThat(text("g", "third")).isEqualTo("third");

    CacheCounts counts = cache.counts();
    assertThat(counts.hits()).isEqualTo(1);
    assertThat(counts.misses()).isEqualTo(2);
    assertThat(counts.entries()).isEqualTo(2);
    assertThat(counts.bytes()).isBetween(200L, 1_000L);
  }

  @Test
  void keepsKindsApart() {
    assertThat(text("f", "text")).isEqualTo("text");
    assertThat(cache.<Other, RuntimeException>get("f", Other.class, () -> new Other(7)).weight())
        .isEqualTo(7);
    assertThat(text("f", "another")).isEqualTo("text");
  }

  @Test
  void oneOfManyThreadsLoads() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger loads = new AtomicInteger();
    List<Future<Text>> all = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      all.add(
          pool.submit(
              () ->
                  cache.get(
                      "f",
                      Text.class,
                      () -> {
                        loads.incrementAndGet();
                        release.await();
                        return new Text("once", 4);
                      })));
    }
    release.countDown();

    for (Future<Text> each : all) {
      assertThat(each.get().text()).isEqualTo("once");
    }
    assertThat(loads).hasValue(1);
    assertThat(cache.counts().hits()).isEqualTo(THREADS - 1);
  }

  @Test
  void aSlowLoadHoldsUpNoOtherFile() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch started = new CountDownLatch(1);
    Future<Text> slow =
        pool.submit(() -> cache.get("slow", Text.class, () -> held(started, release)));
    started.await();

    for (int i = 0; i < 1_000; i++) {
      assertThat(text("f" + i, "fast")).isEqualTo("fast");
    }
    release.countDown();
    assertThat(slow.get().text()).isEqualTo("held");
  }

  @Test
  void failuresAreNotKept() {
    assertThatThrownBy(
            () ->
                cache.get(
                    "f",
                    Text.class,
                    () -> {
                      throw new IOException("down");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("down");
    assertThat(text("f", "up again")).isEqualTo("up again");
  }

  @Test
  void anothersFailureIsTriedAgainByThoseWhoWaited() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch started = new CountDownLatch(1);
    Future<Text> failing =
        pool.submit(
            () ->
                cache.get(
                    "f",
                    Text.class,
                    () -> {
                      held(started, release);
                      throw new IOException("interrupted");
                    }));
    started.await();
    Future<String> waiting = pool.submit(() -> text("f", "mine"));
    release.countDown();

    assertThat(waiting.get()).isEqualTo("mine");
    assertThatThrownBy(failing::get).hasRootCauseMessage("interrupted");
  }

  @Test
  void manyWaitForOneAnswerThatTheFileIsMissing() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch started = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    MemoryCache.Loader<Text, InterruptedException> missing =
        () -> {
          asked.incrementAndGet();
          held(started, release);
          throw new NotFoundException("File does not exist: f");
        };
    Thread[] threads = new Thread[THREADS];
    List<Throwable> told = java.util.Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < THREADS; i++) {
      threads[i] = new Thread(() -> told.add(failureOf(missing)));
      threads[i].start();
    }
    started.await();
    for (Thread thread : threads) {
      while (!waitsInTheCache(thread)) {
        Thread.onSpinWait();
      }
    }
    release.countDown();
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(asked).hasValue(1);
    assertThat(told)
        .hasSize(THREADS)
        .allSatisfy(
            e -> assertThat(e).isInstanceOf(NotFoundException.class).hasMessageContaining(": f"));
  }

  @Test
  void whatIsForgottenIsLoadedAgain() {
    assertThat(text("f", "old")).isEqualTo("old");
    cache.forget("f");
    assertThat(text("f", "new")).isEqualTo("new");
  }

  @Test
  void whatIsForgottenWhileItLoadsIsNotKept() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch started = new CountDownLatch(1);
    Future<Text> old = pool.submit(() -> cache.get("f", Text.class, () -> held(started, release)));
    started.await();
    cache.forget("f");
    release.countDown();

    assertThat(old.get().text()).isEqualTo("held");
    assertThat(cache.peek("f", Text.class)).isNull();
  }

  @Test
  void staysWithinItsBoundAndReadsEvictedFilesAgain() throws Exception {
    long seed = Long.getLong("firn.cache.seed", 1);
    List<Future<?>> all = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      Random random = new Random(seed + t);
      all.add(
          pool.submit(
              () -> {
                for (int i = 0; i < 5_000; i++) {
                  String file = "f" + random.nextInt(500);
                  long weight = file.length() * 1_000L;
                  Text got = cache.get(file, Text.class, () -> new Text(file, weight));
                  assertThat(got.text()).as("seed %d", seed).isEqualTo(file);
                  if (random.nextInt(50) == 0) {
                    cache.forget(file);
                  }
                }
                return null;
              }));
    }
    for (Future<?> each : all) {
      each.get();
    }

    CacheCounts counts = cache.counts();
    assertThat(counts.bytes()).as("seed %d", seed).isBetween(500_000L, cache.maxBytes());
    assertThat(counts.evictions()).as("seed %d", seed).isPositive();
    long kept = 0;
    for (int i = 0; i < 500; i++) {
      Text there = cache.peek("f" + i, Text.class);
      kept += there == null ? 0 : there.weight();
    }
    assertThat(kept).as("seed %d", seed).isBetween(500_000L, cache.maxBytes());
  }

  @Test
  void aValueLargerThanAllIsHandedOutAndNotKept() {
    Text huge =
        cache.<Text, RuntimeException>get("f", Text.class, () -> new Text("huge", 1L << 40));
    assertThat(huge.text()).isEqualTo("huge");
    assertThat(cache.counts().bytes()).isZero();
    assertThat(text("f", "again")).isEqualTo("again");
  }

  @Test
  void withoutBytesKeepsNothing() {
    MemoryCache none = MemoryCache.ofBytes(0);
    assertThat(none.<Text, RuntimeException>get("f", Text.class, () -> new Text("a", 1)).text())
        .isEqualTo("a");
    assertThat(none.counts().entries()).isZero();
  }

  private String text(String file, String text) {
    return cache
        .<Text, RuntimeException>get(file, Text.class, () -> new Text(text, text.length()))
        .text();
  }

  private static boolean waitsInTheCache(Thread thread) {
    Thread.State state = thread.getState();
    return (state == Thread.State.WAITING || state == Thread.State.BLOCKED)
        && Stream.of(thread.getStackTrace())
            .anyMatch(frame -> frame.getClassName().equals(MemoryCache.class.getName()));
  }

  private Throwable failureOf(MemoryCache.Loader<Text, InterruptedException> loader) {
    try {
      cache.get("f", Text.class, loader);
      throw new AssertionError("there was no failure");
    } catch (InterruptedException | RuntimeException e) {
      return e;
    }
  }

  private static Text held(CountDownLatch started, CountDownLatch release)
      throws InterruptedException {
    started.countDown();
    release.await();
    return new Text("held", 4);
  }
}
