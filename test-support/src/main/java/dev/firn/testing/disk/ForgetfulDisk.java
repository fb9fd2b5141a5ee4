package dev.firn.testing.disk;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A directory as a disk that can lose power: what was not forced may be lost, torn, or kept, each
 * by itself. Thread-safe.
 *
 * <p>How it works: {@link #fileSystem()} passes each call on to the default file system, and notes
 * which bytes of which file were forced, and which names: a name is durable once its directory is
 * forced. A name that was not may be there or not, also after a rename, whose two names are then
 * independent; a file that was not forced may have its bytes as last forced, as last written, or
 * some of these. That is what POSIX allows; real file systems keep more.
 */
public final class ForgetfulDisk {
  private final Path root;
  private final ForgetfulFileSystem fileSystem;
  private final Map<Path, Node> live = new HashMap<>();
  private final Map<Path, Node> durable = new HashMap<>();
  private boolean forcing = true;
  private Runnable afterEachStep = () -> {};

  /** Makes one of an existing directory; what is in it already is not looked at. */
  public ForgetfulDisk(Path root) {
    this.root = root.toAbsolutePath().normalize();
    this.fileSystem = new ForgetfulFileSystem(this);
  }

  /** Returns the file system; its paths read as those of the default one. */
  public FileSystem fileSystem() {
    return fileSystem;
  }

  /** From now on forcing does nothing, as on a disk that lies. */
  public synchronized void ignoreForces() {
    forcing = false;
  }

  /** Sets what runs after each change, in the thread that made it: a moment to lose power at. */
  public synchronized void afterEachStep(Runnable action) {
    afterEachStep = action;
  }

  /** Returns files that a power cut now might leave, by path, a possibility chosen by the seed. */
  public synchronized Map<Path, byte[]> survivors(long seed) throws IOException {
    Random random = new Random(seed);
    Map<Path, byte[]> files = new HashMap<>();
    TreeSet<Path> directories = new TreeSet<>();
    directories.add(root);
    TreeSet<Path> names = new TreeSet<>(live.keySet());
    names.addAll(durable.keySet());
    // A directory sorts before what is in it.
    for (Path name : names) {
      Node node = random.nextBoolean() ? live.get(name) : durable.get(name);
      if (node == null || !directories.contains(name.getParent())) {
        continue;
      }
      if (node.directory) {
        directories.add(name);
      } else {
        files.put(name, node.survivingBytes(random));
      }
    }
    return files;
  }

  boolean holds(Path path) {
    return path.toAbsolutePath().normalize().startsWith(root);
  }

  /** Runs a change, which calls one of the methods below, as one step. */
  void change(Change change) throws IOException {
    Runnable action;
    synchronized (this) {
      change.run();
      action = afterEachStep;
    }
    action.run();
  }

  synchronized void created(Path path, boolean directory) {
    live.computeIfAbsent(path, p -> new Node(p, directory));
  }

  synchronized void wrote(Path path) {
    node(path).dirty = true;
  }

  synchronized void forced(Path path) throws IOException {
    if (forcing) {
      if (Files.isDirectory(path)) {
        forceNames(path);
      } else {
        node(path).force();
      }
    }
  }

  synchronized void linked(Path existing, Path link) {
    live.put(link, node(existing));
  }

  synchronized void moved(Path from, Path to) {
    Node node = node(from);
    node.place = to;
    live.remove(from);
    live.put(to, node);
  }

  synchronized void deleted(Path path) {
    live.remove(path);
  }

  private void forceNames(Path directory) {
    TreeSet<Path> names = new TreeSet<>(live.keySet());
    names.addAll(durable.keySet());
    for (Path name : names) {
      if (directory.equals(name.getParent())) {
        Node node = live.get(name);
        if (node == null) {
          durable.remove(name);
        } else {
          durable.put(name, node);
        }
      }
    }
  }

  /** Files that were there before are as good as forced. */
  private Node node(Path path) {
    return live.computeIfAbsent(path, p -> new Node(p, false));
  }

  /** What is done to real files and noted. */
  @FunctionalInterface
  interface Change {
    void run() throws IOException;
  }

  /** What names stand for. Guarded by the disk. */
  private static final class Node {
    private final boolean directory;
    private Path place;
    private byte[] forced = new byte[0];
    private boolean dirty;

    Node(Path place, boolean directory) {
      this.place = place;
      this.directory = directory;
    }

    void force() throws IOException {
      forced = Objects.requireNonNull(written(), "a file that is written to has its name");
      dirty = false;
    }

    byte[] survivingBytes(Random random) throws IOException {
      byte[] written = dirty ? written() : null;
      if (written == null) {
        return forced;
      }
      return switch (random.nextInt(4)) {
        case 0 -> forced;
        case 1 -> written;
        case 2 -> Arrays.copyOf(written, random.nextInt(written.length + 1));
        default -> withHole(written, random);
      };
    }

    /** The length has reached the disk, and some of the bytes have not. */
    private static byte[] withHole(byte[] written, Random random) {
      byte[] torn = written.clone();
      int from = random.nextInt(written.length + 1);
      int to = Math.min(written.length, from + 4096);
      Arrays.fill(torn, from, to, (byte) 0);
      return torn;
    }

    private byte @Nullable [] written() throws IOException {
      return Files.exists(place) ? Files.readAllBytes(place) : null;
    }
  }
}
