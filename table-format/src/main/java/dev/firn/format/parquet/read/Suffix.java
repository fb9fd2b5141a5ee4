package dev.firn.format.parquet.read;

import dev.firn.error.FirnException;
import dev.firn.format.parquet.checksum.FileSums;
import dev.firn.storage.ByteRange;
import dev.firn.storage.RangeReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The end of the file, fetched in one request: the footer, and all of a small file; and, once they
 * are asked for, the indexes before it, in one more. Confined to one thread. Owns its memory.
 */
final class Suffix implements AutoCloseable {
  static final int SIZE = 512 * 1024;

  /** More indexes than this are read one by one. */
  private static final long LARGEST = 8L << 20;

  private final SourceFile file;
  private final BufferAllocator allocator;
  private final int most;
  private final List<ArrowBuf> outgrown = new ArrayList<>();
  private @Nullable Fetch fetch;
  private @Nullable ArrowBuf bytes;
  private FileSums sums = FileSums.NONE;
  private long start;
  private long indexes = Long.MAX_VALUE;
  private @Nullable KeptFooter kept;

  private Suffix(SourceFile file, int most, BufferAllocator allocator) {
    this.file = file;
    this.most = most;
    this.allocator = allocator;
  }

  /** Asks for at most {@code most} bytes where that is no waiting: where the length is known. */
  static Suffix begin(SourceFile file, int most, BufferAllocator allocator) {
    Suffix suffix = new Suffix(file, most, allocator);
    if (!file.isLocal() && file.isLengthKnown() && file.length() > 0) {
      int size = (int) Math.min(most, file.length());
      ArrowBuf target = allocator.buffer(size);
      suffix.bytes = target;
      suffix.start = file.length() - size;
      suffix.fetch =
          new Fetch(file, List.of(new ByteRange(suffix.start, target.nioBuffer(0, size))));
      suffix.fetch.run();
    }
    return suffix;
  }

  /** Nothing but the indexes that were kept, if they are asked for. */
  static Suffix kept(SourceFile file, KeptFooter kept, BufferAllocator allocator) {
    Suffix suffix = new Suffix(file, 0, allocator);
    suffix.kept = kept;
    suffix.start = kept.length();
    suffix.indexes = kept.indexes();
    return suffix;
  }

  /** Whether {@link #await} would not wait for a store. */
  boolean isHere() {
    Fetch underWay = fetch;
    return underWay == null ? bytes != null || kept != null || file.isLocal() : underWay.isDone();
  }

  /** Returns once the bytes are here. */
  void await() {
    Fetch underWay = fetch;
    if (underWay != null) {
      underWay.await();
    } else if (bytes == null && kept == null) {
      read();
    }
  }

  private void read() {
    if (file.isLengthKnown()) {
      long size = Math.min(most, file.length());
      ArrowBuf target = allocator.buffer(size);
      bytes = target;
      start = file.length() - size;
      file.read(start, size, target, 0);
    } else {
      ArrowBuf target = allocator.buffer(most);
      bytes = target;
      start = Long.MAX_VALUE;
      int count = file.readTail(most, target);
      start = file.length() - count;
    }
  }

  /** Reads it all again, since it is not what was written. */
  void fetchAgain() {
    file.readAgain("the end", start, file.length() - start, bytes(), 0);
  }

  /** What the parts of the file must sum up to, once the footer is read. */
  FileSums sums() {
    return sums;
  }

  void sums(FileSums read) {
    sums = read;
  }

  ArrowBuf bytes() {
    ArrowBuf here = bytes;
    if (here == null) {
      throw new IllegalStateException("the end of the file was not read");
    }
    return here;
  }

  /** Where file position {@code position} is in {@link #bytes}. */
  long at(long position) {
    return position - start;
  }

  /** Whether everything from {@code position} on is here. */
  boolean holds(long position) {
    return position >= start;
  }

  /** Whether everything from {@code position} on came from a store. */
  boolean isRemoteAndHolds(long position) {
    return !file.isLocal() && holds(position);
  }

  /** Whether reading from {@code position} costs next to nothing. */
  boolean isCheap(long position) {
    return file.isLocal() || holds(position);
  }

  /** From here to the end there are only indexes: one that is asked for comes with all others. */
  void indexesFrom(long position) {
    if (kept != null && kept.bytes().length > 0) {
      return; // these are here
    }
    if (!file.isLocal() && position >= 0 && position < start && start - position <= LARGEST) {
      indexes = position;
    }
  }

  /** As {@link #holds}, of indexes too that are not here yet, which are fetched now. */
  private boolean reaches(long position) {
    if (position < start && position >= indexes) {
      ArrowBuf tail = bytes;
      long size = file.length() - start;
      ArrowBuf larger = allocator.buffer(start - indexes + size);
      outgrown.add(larger);
      if (kept != null && kept.indexes() == indexes) {
        larger.setBytes(0, kept.bytes());
      } else {
        file.read(indexes, start - indexes, larger, 0);
      }
      if (tail != null) {
        larger.setBytes(start - indexes, tail, 0, size);
        outgrown.add(tail); // chunks may lie in it
      }
      outgrown.remove(larger);
      bytes = larger;
      start = indexes;
    }
    return holds(position);
  }

  /** Copies the file's bytes from {@code position}, reading those that are not here. */
  void copy(long position, byte[] target) {
    if (reaches(position)) {
      bytes().getBytes(at(position), target);
      return;
    }
    copy(position, target.length).get(target);
  }

  /**
   * Checks what was read, if it is a whole part of the file or in one, and fills {@code read} anew
   * where it is not what was written.
   */
  void check(long position, ByteBuffer read) {
    if (sums.isPiece(position, read.remaining())) {
      agree(position, read);
    }
    for (int again = 0; !sums.matches(position, read); again++) {
      if (file.isLocal() || again == SourceFile.REREADS) {
        throw FirnException.corrupt(
            "Cannot read Parquet file: the checksum of the index, bloom filter or dictionary at offset %d does not match; restore the file [%s]"
                .formatted(position, file.location()),
            null);
      }
      read.duplicate().put(again(position, read.remaining()));
    }
  }

  /** What has no checksum of its own must come twice the same. */
  private void agree(long position, ByteBuffer read) {
    if (file.isLocal()) {
      return;
    }
    ByteBuffer second = copy(position, read.remaining());
    for (int again = 0; !second.equals(read) && again < SourceFile.REREADS; again++) {
      read.duplicate().put(second);
      second = again(position, read.remaining());
    }
  }

  private ByteBuffer copy(long position, int length) {
    byte[] target = new byte[length];
    try (ArrowBuf copy = allocator.buffer(length)) {
      file.read(position, length, copy, 0);
      copy.getBytes(0, target);
    }
    return ByteBuffer.wrap(target);
  }

  private ByteBuffer again(long position, int length) {
    file.countAgain("a part", position, length);
    return copy(position, length);
  }

  /** The file with its end read from here, and its parts checked. Borrows both. */
  RangeReader ranges() {
    return new RangeReader() {
      @Override
      public long length() {
        return file.length();
      }

      @Override
      public boolean isLocal() {
        return file.isLocal();
      }

      @Override
      public void readFully(long position, ByteBuffer target) throws IOException {
        ByteBuffer filled = target.slice();
        if (target.remaining() <= file.length() - position && reaches(position)) {
          bytes().getBytes(at(position), target);
        } else {
          file.readFully(position, target);
        }
        check(position, filled);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void close() {
    Fetch underWay = fetch;
    ArrowBuf here = bytes;
    bytes = null;
    if (underWay != null) {
      underWay.end();
    }
    if (here != null) {
      here.close();
    }
    outgrown.forEach(ArrowBuf::close);
    outgrown.clear();
  }
}
