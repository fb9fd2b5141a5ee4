package dev.firn.bench.s3;

import dev.firn.storage.scheme.SchemeFileIO;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.io.FileIO;

/**
 * The process that {@link UploadMemory} measures: writes a file to S3, first some times for the
 * clock, then once while another thread collects all garbage again and again and notes what is
 * left: live heap and direct buffers, above what was there with the client open and warm. Reads the
 * store's properties from standard input, prints figures as properties.
 */
final class UploadMemoryProcess {
  private static final int BLOCK = 1 << 20;
  private static final long WARM_UP_BYTES = 80L << 20;
  private static final long PAUSE_MILLIS = 20;

  private UploadMemoryProcess() {}

  /** Takes a piece of the file; the array is used again. */
  @FunctionalInterface
  interface BlockConsumer {
    void accept(byte[] block, int length) throws IOException;
  }

  public static void main(String[] args) throws Exception {
    Properties read = new Properties();
    read.load(System.in);
    Map<String, String> properties = new HashMap<>();
    read.stringPropertyNames().forEach(name -> properties.put(name, read.getProperty(name)));
    String location = args[1];
    long bytes = Long.parseLong(args[2]);
    try (FileIO files = args[0].equals("firn") ? new SchemeFileIO() : new S3FileIO()) {
      files.initialize(properties);
      write(files, location, Math.min(bytes, WARM_UP_BYTES));
      double seconds = seconds(files, location, bytes, Integer.parseInt(args[3]));
      System.out.println("seconds=" + seconds);
      sample(files, location, bytes);
    }
  }

  /** Makes the bytes of the file: each block differs, so that one in another's place is seen. */
  static void forEachBlock(long bytes, BlockConsumer each) throws IOException {
    byte[] block = new byte[BLOCK];
    new Random(1).nextBytes(block);
    for (long at = 0; at < bytes; at += BLOCK) {
      ByteBuffer.wrap(block).putLong(at);
      each.accept(block, (int) Math.min(BLOCK, bytes - at));
    }
  }

  private static void write(FileIO files, String location, long bytes) throws IOException {
    try (var out = files.newOutputFile(location).createOrOverwrite()) {
      forEachBlock(bytes, (block, length) -> out.write(block, 0, length));
    }
  }

  private static double seconds(FileIO files, String location, long bytes, int rounds)
      throws IOException {
    List<Double> seconds = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      long started = System.nanoTime();
      write(files, location, bytes);
      seconds.add((System.nanoTime() - started) / 1e9);
    }
    seconds.sort(null);
    return seconds.get(rounds / 2);
  }

  private static void sample(FileIO files, String location, long bytes) throws Exception {
    System.gc();
    long baseline = heap() + direct();
    CountDownLatch done = new CountDownLatch(1);
    Sampler sampler = new Sampler(done);
    Thread thread = new Thread(sampler, "sampler");
    thread.start();
    try {
      write(files, location, bytes);
    } finally {
      done.countDown();
      thread.join();
    }
    System.out.println("peak=" + (sampler.peak - baseline));
    System.out.println("direct=" + sampler.direct);
    System.out.println("baseline=" + baseline);
    System.out.println("samples=" + sampler.samples);
  }

  private static long heap() {
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static long direct() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  private static final class Sampler implements Runnable {
    private final CountDownLatch done;
    private long peak;
    private long direct;
    private int samples;

    Sampler(CountDownLatch done) {
      this.done = done;
    }

    @Override
    public void run() {
      try {
        do {
          System.gc();
          peak = Math.max(peak, heap() + direct());
          direct = Math.max(direct, direct());
          samples++;
        } while (!done.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
