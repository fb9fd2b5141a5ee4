package dev.firn.storage.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.storage.Locations;
import dev.firn.storage.StoreOutputStream;
import dev.firn.testing.disk.ForgetfulDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a power cut leaves of local files, looked at after every step. */
class PowerLossTest {
  private static final int LOOKS = 3;

  @TempDir Path directory;

  private final long seed = Long.getLong("firn.power.seed", 1);
  private final List<String> losses = new ArrayList<>();

  /** Files of which {@code close()} returned, as they were at the first such moment. */
  private final Map<Path, byte[]> acknowledged = new HashMap<>();

  /** What each file may be, but for missing. */
  private final Map<Path, List<byte[]>> allowed = new HashMap<>();

  private final Set<Path> replacing = new HashSet<>();
  private ForgetfulDisk disk;
  private LocalFileIO files;
  private int steps;

  private void open() {
    disk = new ForgetfulDisk(directory);
    files = LocalFileIO.on(disk.fileSystem());
    disk.afterEachStep(this::look);
  }

  @Test
  void acknowledgedFilesSurviveWholeAndOthersWholeOrNotAtAll() throws IOException {
    open();

    history();

    assertThat(steps).isGreaterThan(200);
    assertThat(losses).as("seed %d", seed).isEmpty();
  }

  @Test
  void diskThatIgnoresForcesLosesAcknowledgedFiles() throws IOException {
    open();
    disk.ignoreForces();

    history();

    assertThat(losses).anyMatch(loss -> loss.startsWith("lost"));
    assertThat(losses).anyMatch(loss -> loss.startsWith("torn"));
  }

  @Test
  void directoriesThatOthersMadeAreForcedToo() throws IOException {
    open();
    // As another process would, that has not forced it yet.
    java.nio.file.Files.createDirectory(disk.fileSystem().getPath(path("made").toString()));

    create("made/f", 100);

    assertThat(losses).isEmpty();
    assertThat(acknowledged).containsKey(path("made/f"));
  }

  @Test
  void concurrentWritersIntoOneNewDirectorySurvive() throws Exception {
    open();
    for (int round = 0; round < 10; round++) {
      int number = round;
      Thread[] writers = new Thread[4];
      for (int i = 0; i < writers.length; i++) {
        int writer = i;
        writers[i] =
            new Thread(
                () -> {
                  try {
                    create("r" + number + "/a/b/f" + writer, 100);
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
      }
      for (Thread each : writers) {
        each.start();
      }
      for (Thread each : writers) {
        each.join();
      }
    }
    assertThat(acknowledged).hasSize(40);
    assertThat(losses).isEmpty();
  }

  /** Creates, replaces, loses races, aborts and deletes. */
  private void history() throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < 25; i++) {
      String name = "d" + random.nextInt(3) + "/e" + random.nextInt(3) + "/f" + i;
      create(name, random.nextInt(100_000));
      switch (random.nextInt(4)) {
        case 0 -> replace(name, random.nextInt(100_000));
        case 1 -> loseRace(name);
        case 2 -> abort("d9/aborted" + i);
        default -> delete(name);
      }
    }
  }

  private void create(String name, int size) throws IOException {
    byte[] bytes = bytes(size);
    allow(path(name), bytes);
    try (StoreOutputStream out = files.newOutputFile(location(name)).create()) {
      out.write(bytes);
    }
    acknowledge(path(name), bytes);
  }

  private synchronized void allow(Path path, byte[] bytes) {
    allowed.computeIfAbsent(path, p -> new ArrayList<>()).add(bytes);
  }

  private synchronized void acknowledge(Path path, byte[] bytes) {
    acknowledged.put(path, bytes);
    look();
  }

  private void replace(String name, int size) throws IOException {
    byte[] bytes = bytes(size);
    allow(path(name), bytes);
    replacing.add(path(name));
    try (StoreOutputStream out = files.newOutputFile(location(name)).createOrOverwrite()) {
      out.write(bytes);
    }
    replacing.remove(path(name));
    allowed.put(path(name), new ArrayList<>(List.of(bytes)));
    acknowledge(path(name), bytes);
  }

  private void loseRace(String name) throws IOException {
    StoreOutputStream slow = files.newOutputFile(location(name + "-raced")).create();
    slow.write(bytes(50_000));
    create(name + "-raced", 10);
    try {
      slow.close();
    } catch (AlreadyExistsException e) {
      look();
      return;
    }
    throw new AssertionError("two winners of " + name);
  }

  private void abort(String name) throws IOException {
    StoreOutputStream out = files.newOutputFile(location(name)).create();
    out.write(bytes(100_000));
    out.abort();
  }

  /** It may come back, whole. */
  private void delete(String name) {
    acknowledged.remove(path(name));
    files.deleteFile(location(name));
  }

  private synchronized void look() {
    steps++;
    for (int i = 0; i < LOOKS; i++) {
      Map<Path, byte[]> survivors;
      try {
        survivors = disk.survivors(seed * 1_000_003 + steps * 31L + i);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      acknowledged.forEach((path, bytes) -> check(path, bytes, survivors.get(path)));
      survivors.forEach(this::checkAllowed);
    }
  }

  private void check(Path path, byte[] expected, byte[] found) {
    if (found == null) {
      losses.add("lost " + path);
    } else if (!replacing.contains(path) && !Arrays.equals(expected, found)) {
      losses.add("torn " + path);
    }
  }

  private void checkAllowed(Path path, byte[] found) {
    boolean temporary = LocalTemporaries.named(String.valueOf(path.getFileName()));
    if (!temporary
        && allowed.getOrDefault(path, List.of()).stream()
            .noneMatch(each -> Arrays.equals(each, found))) {
      losses.add("torn " + path);
    }
  }

  private byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private Path path(String name) {
    return directory.resolve(name);
  }

  private String location(String name) {
    return Locations.of(path(name));
  }
}
