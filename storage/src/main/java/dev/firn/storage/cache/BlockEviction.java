package dev.firn.storage.cache;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a directory of blocks within its bound. Thread-safe.
 *
 * <p>How it works: each process counts what it adds, and looks at the directory whenever that is a
 * 32nd of the bound, so that processes together exceed it by that much each at most. One of them at
 * a time deletes, by a lock on a file which ends with its process; the others go on.
 */
final class BlockEviction {
  private static final Logger LOG = LoggerFactory.getLogger(BlockEviction.class);
  private static final int LOOKS = 32;

  /** Frees so much at once: each look lists all blocks. */
  private static final int FREED = 8;

  /** No write takes that long: its process was killed. */
  private static final Duration DEAD = Duration.ofHours(1);

  private static final String LOCK = "lock";
  private static final String TEMPORARIES = "temporary";

  private final Path root;
  private final long maxBytes;
  private final long slack;
  private final Clock clock;
  private final AtomicLong unseen;
  private final LongAdder evicted = new LongAdder();

  BlockEviction(Path root, long maxBytes, Clock clock) {
    this.root = root;
    this.maxBytes = maxBytes;
    this.slack = maxBytes / LOOKS;
    this.clock = clock;
    // The first block looks: another process may have left a larger cache.
    this.unseen = new AtomicLong(slack);
  }

  /** Where blocks are written before they are renamed. */
  Path temporaries() {
    return root.resolve(TEMPORARIES);
  }

  long evicted() {
    return evicted.sum();
  }

  /** Counts a block of this process, and makes room where it is time to. */
  void added(long bytes) throws IOException {
    long now = unseen.addAndGet(bytes);
    if (now < slack || !unseen.compareAndSet(now, 0)) {
      return;
    }
    try (FileChannel channel =
            FileChannel.open(
                root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock != null) {
        evict();
      }
    } catch (OverlappingFileLockException e) {
      // Another cache of this process is at it.
    }
  }

  private record Block(Path path, long bytes, Instant used) {}

  private void evict() throws IOException {
    List<Block> blocks = new ArrayList<>();
    for (Path directory : list(root)) {
      if (!directory.getFileName().toString().equals(LOCK)) {
        blocks.addAll(files(directory));
      }
    }
    removeDead(blocks);
    long total = blocks.stream().mapToLong(Block::bytes).sum();
    if (total <= maxBytes - slack) {
      return;
    }
    blocks.sort(Comparator.comparing(Block::used));
    long least = maxBytes - Math.max(maxBytes / FREED, slack);
    long deleted = 0;
    for (Block block : blocks) {
      if (total <= least) {
        break;
      }
      if (Files.deleteIfExists(block.path())) {
        deleted++;
      }
      total -= block.bytes();
    }
    evicted.add(deleted);
    LOG.debug("Evicted {} blocks from {}", deleted, root);
  }

  private void removeDead(List<Block> blocks) throws IOException {
    Instant dead = clock.instant().minus(DEAD);
    Path temporaries = temporaries();
    for (Block block : blocks) {
      if (temporaries.equals(block.path().getParent()) && block.used().isBefore(dead)) {
        Files.deleteIfExists(block.path());
      }
    }
    blocks.removeIf(block -> temporaries.equals(block.path().getParent()));
  }

  private static List<Block> files(Path directory) throws IOException {
    List<Block> found = new ArrayList<>();
    for (Path path : list(directory)) {
      try {
        BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
        if (now.isRegularFile()) {
          found.add(new Block(path, now.size(), now.lastModifiedTime().toInstant()));
        }
      } catch (NoSuchFileException e) {
        // Deleted by another, or renamed.
      }
    }
    return found;
  }

  private static List<Path> list(Path directory) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> paths = Files.newDirectoryStream(directory)) {
      paths.forEach(found::add);
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return found;
  }
}
