package dev.firn.storage.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blocks of remote files in a directory on a local disk, which processes share without talking to
 * each other. Thread-safe. Uses no threads of its own, and holds no file open. Never fails: what it
 * cannot read is missing; where it cannot write, it says so once and keeps no more blocks.
 *
 * <p>How it works: a block is written to a temporary file and renamed, without forcing it to the
 * disk. Readers trust its checksum and nothing else, so that a block torn by a power failure is
 * deleted and fetched again. A block's time of modification is when it was last used, to {@link
 * #USE_GRAIN}; {@link BlockEviction} deletes those that were not used for longest.
 */
final class BlockCache {
  /** Blocks that are used all the time are not touched all the time. */
  private static final Duration USE_GRAIN = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(BlockCache.class);

  private final Path root;
  private final Clock clock;
  private final BlockEviction eviction;
  private final AtomicBoolean full = new AtomicBoolean();
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder damaged = new LongAdder();
  private final LongAdder written = new LongAdder();

  /** Makes one over a directory, which is made when the first block is written. */
  BlockCache(Path root, long maxBytes, Clock clock) {
    this.root = root;
    this.clock = clock;
    this.eviction = new BlockEviction(root, maxBytes, clock);
  }

  /**
   * Fills {@code target}, which has room for exactly the block, where the block is there and
   * undamaged.
   *
   * @return whether it did; if not, what is in the target is not defined
   */
  boolean read(BlockFile file, long block, ByteBuffer target) {
    Path path = file.path(root, block);
    try {
      if (readVerified(file, block, path, target)) {
        hits.increment();
        return true;
      }
      damaged.increment();
      LOG.warn("Deleting damaged block {} of the cache", path);
      Files.deleteIfExists(path);
    } catch (NoSuchFileException e) {
      // Not there yet, or not any more.
    } catch (ClosedByInterruptException e) {
      // The thread's own affair: the block is as good as before.
    } catch (IOException e) {
      LOG.debug("Cannot read block {} of the cache", path, e);
    }
    misses.increment();
    return false;
  }

  /** Keeps a block. Borrows the content, and does not move its position. */
  void write(BlockFile file, long block, ByteBuffer content) {
    if (full.get()) {
      return;
    }
    try {
      publish(file, block, content.duplicate());
      written.increment();
      eviction.added(BlockFile.HEADER_BYTES + (long) content.remaining());
    } catch (ClosedByInterruptException e) {
      // The thread is asked to end: it does not matter to others.
    } catch (IOException | RuntimeException e) {
      if (full.compareAndSet(false, true)) {
        LOG.warn("Cannot write to cache {}: no more blocks are kept by this process", root, e);
      }
    }
  }

  /** Drops blocks of a file, in {@code [first, last]}. */
  void forget(BlockFile file, long first, long last) {
    for (long block = first; block <= last; block++) {
      delete(file.path(root, block));
    }
  }

  /** Drops all blocks of a location, whatever its length was. */
  void forget(byte[] hash) {
    Path directory = BlockFile.directory(root, hash);
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(directory, BlockFile.prefix(hash) + "*")) {
      found.forEach(BlockCache::delete);
    } catch (IOException | RuntimeException e) {
      LOG.warn("Cannot delete blocks of a file that is replaced, in {}", directory, e);
    }
  }

  BlockCounts counts() {
    return new BlockCounts(
        hits.sum(), misses.sum(), damaged.sum(), written.sum(), eviction.evicted());
  }

  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      LOG.warn("Cannot delete block {} of the cache", path, e);
    }
  }

  private boolean readVerified(BlockFile file, long block, Path path, ByteBuffer target)
      throws IOException {
    ByteBuffer header = ByteBuffer.allocate(BlockFile.HEADER_BYTES);
    ByteBuffer content = target.duplicate();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      if (channel.size() != header.remaining() + (long) content.remaining()) {
        return false;
      }
      ByteBuffer[] both = {header, content};
      while (content.hasRemaining()) {
        if (channel.read(both) < 0) {
          return false;
        }
      }
    }
    if (!header.flip().equals(file.header(block, checksum(target)))) {
      return false;
    }
    touch(path);
    return true;
  }

  private void touch(Path path) throws IOException {
    Instant now = clock.instant();
    if (Files.getLastModifiedTime(path).toInstant().plus(USE_GRAIN).isBefore(now)) {
      Files.setLastModifiedTime(path, FileTime.from(now));
    }
  }

  private void publish(BlockFile file, long block, ByteBuffer content) throws IOException {
    Path path = file.path(root, block);
    try {
      publish(file, block, content.duplicate(), path);
    } catch (NoSuchFileException e) {
      // The first block, or somebody emptied the directory.
      PrivateDirectories.create(BlockFile.directory(root, file.hash()));
      PrivateDirectories.create(eviction.temporaries());
      publish(file, block, content, path);
    }
  }

  private void publish(BlockFile file, long block, ByteBuffer content, Path path)
      throws IOException {
    ByteBuffer[] both = {file.header(block, checksum(content)), content};
    Path temporary = eviction.temporaries().resolve(UUID.randomUUID().toString());
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        while (content.hasRemaining()) {
          channel.write(both);
        }
      }
      Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
  }

  private static int checksum(ByteBuffer content) {
    CRC32C crc = new CRC32C();
    crc.update(content.duplicate());
    return (int) crc.getValue();
  }
}
