package dev.firn.it.upkeep;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.firn.Lakehouse;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The process that is killed: writers of the script, and upkeep beside them. It says {@code ready},
 * waits to be told to go, and then says {@code writer} once a step is durable.
 */
final class UpkeepProcess {
  private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

  private UpkeepProcess() {}

  /** Arguments: warehouse, catalog, seed, first writer, and each writer's first step. */
  public static void main(String[] args) throws Exception {
    long seed = Long.parseLong(args[2]);
    int offset = Integer.parseInt(args[3]);
    int[] first = Arrays.stream(args[4].split(",")).mapToInt(Integer::parseInt).toArray();
    try (Lakehouse lake = Lakehouse.open(Map.of("warehouse", args[0], "catalog", args[1]))) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < first.length; i++) {
        int writer = offset + i;
        UpkeepWriter each = new UpkeepWriter(lake, seed, writer, first[i]);
        threads.add(new Thread(() -> write(each, writer), "writer-" + writer));
      }
      Random random = new Random(seed + Arrays.stream(first).sum());
      UpkeepJobs jobs = new UpkeepJobs(lake, random, new AtomicInteger());
      threads.add(new Thread(() -> jobs.run(() -> true), "upkeep"));
      say("ready");
      if (System.in.read() < 0) {
        return;
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  private static void write(UpkeepWriter writer, int number) {
    while (true) {
      writer.step();
      say(Integer.toString(number));
    }
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
