package dev.firn.storage.cache;

import dev.firn.storage.RangeReader;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;

/**
 * A process that reads data files through blocks on disk, checks every byte, and prints a line when
 * it has begun, one for each hundred reads, and {@code done}. Arguments: the directory, the bound
 * in bytes, a seed, how many reads.
 */
final class BlockFiller {
  static final int FILES = 6;
  static final int FILE_BYTES = 8 * BlockFile.BLOCK_BYTES - 77;

  private BlockFiller() {}

  public static void main(String[] arguments) throws Exception {
    CachedStore files = store(arguments[0], arguments[1]);
    Random random = new Random(Long.parseLong(arguments[2]));
    int reads = Integer.parseInt(arguments[3]);
    System.out.println("begun");
    for (int i = 1; i <= reads; i++) {
      int file = random.nextInt(FILES);
      int position = random.nextInt(FILE_BYTES);
      ByteBuffer target =
          ByteBuffer.allocate(Math.min(random.nextInt(2_000_000) + 1, FILE_BYTES - position));
      try (RangeReader ranges = files.newInputFile(location(file), FILE_BYTES).openRanges()) {
        ranges.readFully(position, target);
      }
      byte[] bytes = files.store.files.get(location(file));
      if (!target.flip().equals(ByteBuffer.wrap(bytes, position, target.limit()))) {
        throw new IllegalStateException("wrong bytes of file %d at %d".formatted(file, position));
      }
      if (i % 100 == 0) {
        System.out.println(i);
      }
    }
    System.out.println("done " + files.caches.blockCounts());
  }

  static CachedStore store(String directory, String maxBytes) {
    CachedStore files =
        new CachedStore(
            CacheSettings.of(
                Map.of(CacheSettings.DISK_PATH, directory, CacheSettings.DISK_BYTES, maxBytes)));
    for (int file = 0; file < FILES; file++) {
      byte[] bytes = new byte[FILE_BYTES];
      new Random(file).nextBytes(bytes);
      files.store.files.put(location(file), bytes);
    }
    return files;
  }

  static String location(int file) {
    return "mem://t/data/f" + file + ".parquet";
  }
}
