package dev.firn.storage.cache;

import dev.firn.storage.ByteRange;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One vectored read, cut at the bounds of blocks. Confined to one thread at a time.
 *
 * <p>How it works: a block that lies within one range is read and fetched right where its bytes
 * belong; of the others, at the ends of ranges, all bytes are fetched into memory of its own, for
 * at most {@link #MOST_APART} blocks. What is missing of more of them is read as it was asked for,
 * and not kept.
 */
final class BlockFetch {
  /** Bounds the memory of one read, in blocks. */
  static final int MOST_APART = 32;

  private final BlockFile blocks;
  private final BlockCache cache;
  private final Map<Long, List<Piece>> pieces = new TreeMap<>();
  private final List<Fetched> fetched = new ArrayList<>();
  private @Nullable ByteBuffer spare;
  private int apart;

  BlockFetch(BlockFile blocks, BlockCache cache) {
    this.blocks = blocks;
    this.cache = cache;
  }

  /**
   * Bytes of a block that were asked for.
   *
   * @param at where in the block
   */
  private record Piece(int at, ByteBuffer target) {
    /** Takes its bytes from the block's. */
    void copy(ByteBuffer block) {
      target.duplicate().put(block.slice(at, target.remaining()));
    }
  }

  /**
   * A block that the store is asked for.
   *
   * @param pieces to be copied from it; none where its content is in its place
   */
  private record Fetched(long block, ByteBuffer content, List<Piece> pieces) {}

  void add(ByteRange range) {
    ByteBuffer target = range.target();
    long position = range.position();
    int from = target.position();
    while (from < target.limit()) {
      long block = position / BlockFile.BLOCK_BYTES;
      int at = (int) (position % BlockFile.BLOCK_BYTES);
      int count = Math.min(blocks.blockLength(block) - at, target.limit() - from);
      pieces
          .computeIfAbsent(block, b -> new ArrayList<>())
          .add(new Piece(at, target.slice(from, count)));
      from += count;
      position += count;
    }
  }

  /** Reads what the disk has, and returns what is to be read of the store. */
  List<ByteRange> missing() {
    List<ByteRange> missing = new ArrayList<>();
    pieces.forEach(
        (block, asked) -> {
          ByteBuffer first = asked.get(0).target();
          if (first.remaining() == blocks.blockLength(block)) {
            readInPlace(block, first, missing);
          } else {
            readApart(block, asked, missing);
          }
        });
    return missing;
  }

  private void readInPlace(long block, ByteBuffer target, List<ByteRange> missing) {
    if (!cache.read(blocks, block, target)) {
      fetched.add(new Fetched(block, target, List.of()));
      missing.add(new ByteRange(start(block), target.duplicate()));
    }
  }

  private void readApart(long block, List<Piece> asked, List<ByteRange> missing) {
    ByteBuffer memory = spare == null ? ByteBuffer.allocate(BlockFile.BLOCK_BYTES) : spare;
    spare = memory;
    ByteBuffer content = memory.slice(0, blocks.blockLength(block));
    if (cache.read(blocks, block, content)) {
      asked.forEach(piece -> piece.copy(content));
    } else if (apart < MOST_APART) {
      apart++;
      spare = null;
      fetched.add(new Fetched(block, content, asked));
      missing.add(new ByteRange(start(block), content.duplicate()));
    } else {
      for (Piece piece : asked) {
        missing.add(new ByteRange(start(block) + piece.at(), piece.target().duplicate()));
      }
    }
  }

  private static long start(long block) {
    return block * BlockFile.BLOCK_BYTES;
  }

  /** Keeps what was fetched, and has all pieces filled. */
  void finish() {
    for (Fetched block : fetched) {
      cache.write(blocks, block.block(), block.content());
      block.pieces().forEach(piece -> piece.copy(block.content()));
    }
  }
}
