package dev.firn.storage.probe;

import dev.firn.storage.RangeReader;
import dev.firn.storage.Store;
import dev.firn.storage.StoreOutputStream;
import dev.firn.storage.StoreProbe;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.io.FileInfo;
import org.jspecify.annotations.Nullable;

/** What to try of any store. Immutable. Borrows the store. */
final class BasicProbes {
  private static final int BYTES = 100_000;
  private static final int FILES = 5;
  private static final Duration MOST_SKEW = Duration.ofMinutes(1);

  private final Store store;
  private final Clock clock;
  private final byte[] content = new byte[BYTES];

  BasicProbes(Store store, Clock clock) {
    this.store = store;
    this.clock = clock;
    new Random(1).nextBytes(content);
  }

  List<StoreProbe> all() {
    String conditional =
        "use a store that honours If-None-Match: *, or, with a single writer, set"
            + " s3.conditional-writes-enabled=false";
    return List.of(
        new StoreProbe("write", true, "", this::writes),
        new StoreProbe("read", true, "", this::reads),
        new StoreProbe("ranged read", true, "", this::readsRanges),
        new StoreProbe("suffix read", true, "", this::readsSuffix),
        new StoreProbe("conditional create", true, conditional, this::createsOnce),
        new StoreProbe("race of 8 creates", true, conditional, new CreateRace(store)::problem),
        new StoreProbe("abort", true, "", this::aborts),
        new StoreProbe("list", true, "", this::lists),
        new StoreProbe("batch delete", true, "", this::deletes),
        new StoreProbe("clocks", false, "set this machine's clock, or the store's", this::skew));
  }

  private @Nullable String writes(String directory) throws IOException {
    write(directory + "/a", content);
    write(directory + "/a", content);
    return null;
  }

  private @Nullable String reads(String directory) throws IOException {
    write(directory + "/a", content);
    try (InputStream in = store.newInputFile(directory + "/a").newStream()) {
      return sameOrNot(in.readAllBytes(), content);
    }
  }

  private @Nullable String readsRanges(String directory) throws IOException {
    write(directory + "/a", content);
    try (RangeReader ranges = store.newInputFile(directory + "/a", BYTES).openRanges()) {
      ByteBuffer target = ByteBuffer.allocate(1000);
      ranges.readFully(5000, target);
      return sameOrNot(target.array(), Arrays.copyOfRange(content, 5000, 6000));
    }
  }

  private @Nullable String readsSuffix(String directory) throws IOException {
    write(directory + "/a", content);
    try (RangeReader ranges = store.newInputFile(directory + "/a").openRanges()) {
      ByteBuffer target = ByteBuffer.allocate(1000);
      ranges.readTail(target);
      String problem = sameOrNot(target.array(), Arrays.copyOfRange(content, BYTES - 1000, BYTES));
      return problem == null && ranges.length() != BYTES ? "got a wrong length" : problem;
    }
  }

  private @Nullable String createsOnce(String directory) throws IOException {
    create(directory + "/a");
    try {
      create(directory + "/a");
      return "a second create replaced the file";
    } catch (AlreadyExistsException e) {
      return null;
    }
  }

  private @Nullable String aborts(String directory) throws IOException {
    StoreOutputStream out = store.newOutputFile(directory + "/a").create();
    out.write(content);
    out.abort();
    return store.newInputFile(directory + "/a").exists() ? "the file is there" : null;
  }

  private @Nullable String lists(String directory) throws IOException {
    TreeMap<String, Long> expected = new TreeMap<>();
    for (int i = 0; i < FILES; i++) {
      String location = directory + "/list/" + i;
      write(location, Arrays.copyOf(content, i));
      expected.put(location, (long) i);
    }
    write(directory + "/listless", content);
    TreeMap<String, Long> found = new TreeMap<>();
    for (FileInfo file : store.listPrefix(directory + "/list")) {
      found.put(file.location(), file.size());
    }
    return found.equals(expected) ? null : "expected " + expected + ", got " + found;
  }

  private @Nullable String deletes(String directory) throws IOException {
    List<String> files = IntStream.range(0, FILES).mapToObj(i -> directory + "/" + i).toList();
    for (String file : files) {
      write(file, content);
    }
    store.deleteFiles(files);
    return store.listPrefix(directory).iterator().hasNext() ? "files are still there" : null;
  }

  private @Nullable String skew(String directory) throws IOException {
    long before = clock.millis();
    write(directory + "/a", content);
    long after = clock.millis();
    for (FileInfo file : store.listPrefix(directory)) {
      long ahead = Math.max(before - file.createdAtMillis(), file.createdAtMillis() - after);
      if (ahead > MOST_SKEW.toMillis()) {
        return "they are " + Duration.ofMillis(ahead) + " apart";
      }
    }
    return null;
  }

  private void write(String location, byte[] bytes) throws IOException {
    try (StoreOutputStream out = store.newOutputFile(location).createOrOverwrite()) {
      out.write(bytes);
    }
  }

  private void create(String location) throws IOException {
    try (StoreOutputStream out = store.newOutputFile(location).create()) {
      out.write(content);
    }
  }

  private static @Nullable String sameOrNot(byte[] got, byte[] expected) {
    return Arrays.equals(got, expected)
        ? null
        : "got other bytes than were written (" + got.length + " of them)";
  }
}
