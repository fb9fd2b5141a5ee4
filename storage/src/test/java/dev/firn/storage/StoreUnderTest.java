package dev.firn.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.StreamSupport;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;

/** A store and an empty place in it, with what its contracts share. */
interface StoreUnderTest {
  /** The store. */
  Store store();

  /** An empty place to write to, without a trailing slash, the same in one test. */
  String place();

  /** Returns a location in the empty place. */
  default String at(String name) {
    return place() + "/" + name;
  }

  /** Creates a file. */
  default void write(String location, byte[] bytes) throws IOException {
    try (PositionOutputStream out = store().newOutputFile(location).create()) {
      out.write(bytes);
    }
  }

  /** Creates a file or replaces it. */
  default void replace(String location, byte[] bytes) throws IOException {
    try (PositionOutputStream out = store().newOutputFile(location).createOrOverwrite()) {
      out.write(bytes);
    }
  }

  /** Returns all bytes of a file. */
  default byte[] read(String location) {
    try (SeekableInputStream in = store().newInputFile(location).newStream()) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the locations of the files below a prefix. */
  default List<String> list(String prefix) {
    return StreamSupport.stream(store().listPrefix(prefix).spliterator(), false)
        .map(FileInfo::location)
        .toList();
  }

  /** Runs work of so many threads, begun together, and returns what each returned, in order. */
  static <T> List<T> together(int threads, IndexedWork<T> work) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      CyclicBarrier start = new CyclicBarrier(threads);
      List<Callable<T>> calls = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int index = i;
        calls.add(
            () -> {
              start.await();
              return work.run(index);
            });
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : pool.invokeAll(calls)) {
        results.add(result(future));
      }
      return results;
    } finally {
      pool.shutdown();
    }
  }

  private static <T> T result(Future<T> future) throws Exception {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** What one of several threads does. */
  @FunctionalInterface
  interface IndexedWork<T> {
    T run(int index) throws Exception;
  }

  /** Returns bytes that are the same for the same size. */
  static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  /** Returns an empty target with other bytes before and behind it. */
  static ByteBuffer target(int size, boolean direct) {
    ByteBuffer around =
        direct ? ByteBuffer.allocateDirect(size + 7) : ByteBuffer.allocate(size + 7);
    return around.position(3).limit(3 + size);
  }

  /** Returns what was read into a target of {@link #target}. */
  static byte[] filled(ByteBuffer target) {
    byte[] bytes = new byte[target.position() - 3];
    target.duplicate().flip().position(3).get(bytes);
    return bytes;
  }

  /** Returns bytes from {@code position}. */
  static byte[] part(byte[] bytes, long position, int length) {
    return Arrays.copyOfRange(bytes, (int) position, (int) position + length);
  }

  /** What the random tests of the contract begin with. */
  static long seed() {
    return Long.getLong("firn.files.seed", 1);
  }
}
