package dev.firn.storage.cache;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The blocks of one remote file, as they stand in the cache's directory. Immutable.
 *
 * <p>A block is a file of its own, {@code <2 hex digits>/<32 hex digits>-<length>-<block>}: digits
 * of the SHA-256 of the location, length of the remote file. It begins with a header of {@value
 * #HEADER_BYTES} bytes, big-endian: magic, version (4 bytes each), the SHA-256 (32), length of the
 * remote file, number of the block (8 each), length of the content, its CRC32C (4 each); the
 * content follows.
 */
@SuppressWarnings("ArrayRecordComponent")
record BlockFile(byte[] hash, long fileLength) {
  static final int BLOCK_BYTES = 1 << 20;
  static final int HEADER_BYTES = 64;

  private static final int MAGIC = 0x4642_4c4b; // FBLK
  private static final int VERSION = 1;
  private static final int NAME_DIGITS = 32;

  /**
   * @param store what tells stores apart in which the same location may be another file
   */
  static BlockFile of(String store, String location, long fileLength) {
    return new BlockFile(hash(store, location), fileLength);
  }

  static byte[] hash(String store, String location) {
    try {
      return MessageDigest.getInstance("SHA-256").digest((store + "\n" + location).getBytes(UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  /** The directory of the blocks of this and of some other files. */
  static Path directory(Path root, byte[] hash) {
    return root.resolve(HexFormat.of().formatHex(hash, 0, 1));
  }

  /** How the names of the file's blocks begin. */
  static String prefix(byte[] hash) {
    return HexFormat.of().formatHex(hash).substring(0, NAME_DIGITS) + "-";
  }

  Path path(Path root, long block) {
    return directory(root, hash).resolve(prefix(hash) + fileLength + "-" + block);
  }

  /** How many bytes a block has: all have the same number but the last. */
  int blockLength(long block) {
    return (int) Math.min(BLOCK_BYTES, fileLength - block * BLOCK_BYTES);
  }

  /** The header of a block of this content. */
  ByteBuffer header(long block, int checksum) {
    return ByteBuffer.allocate(HEADER_BYTES)
        .putInt(MAGIC)
        .putInt(VERSION)
        .put(hash)
        .putLong(fileLength)
        .putLong(block)
        .putInt(blockLength(block))
        .putInt(checksum)
        .flip();
  }
}
