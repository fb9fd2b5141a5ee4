package dev.firn.format.parquet.read;

import dev.firn.error.FirnException;
import dev.firn.format.parquet.checksum.FileSums;
import dev.firn.format.parquet.page.ChunkBytes;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.io.InputFile;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.hadoop.metadata.IndexReference;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/**
 * A Parquet file as it is stored: its footer, and the bytes of its column chunks, of which nothing
 * is decoded. A small file is read in one request, of others the end first, then row group by row
 * group. Confined to one thread at a time, but for {@link #read}, and {@link #chunk} of a row group
 * that is loaded, which any number may call. Owns its memory.
 */
public final class StoredFile implements AutoCloseable {
  private final Opened opened = new Opened();
  private final BufferAllocator allocator;
  private final SourceFile file;
  private final Suffix suffix;
  private final Map<Integer, Loaded> loaded = new HashMap<>();
  private Footer footer;

  /** The chunks of a row group, whose first byte is at {@code start} of the file. */
  private record Loaded(ArrowBuf bytes, long start) {}

  private StoredFile(InputFile input, long length, int wholeBytes, BufferAllocator allocator) {
    this.allocator = allocator;
    this.footer = new Footer(new MessageType("none"), "", List.of(), FileSums.NONE);
    try {
      this.file = opened.add(SourceFile.open(input, length, new Counts()));
      int most = length <= wholeBytes ? wholeBytes : Suffix.SIZE;
      this.suffix = opened.add(Suffix.begin(file, most, allocator));
    } catch (RuntimeException | Error e) {
      opened.closeAfter(e);
      throw e;
    }
  }

  /**
   * Asks a store for the file, of {@code length} bytes, or for its end where it is larger than
   * {@code wholeBytes}, and waits for nothing; {@link #readFooter} is to be called before anything
   * else.
   */
  public static StoredFile begin(
      InputFile file, long length, int wholeBytes, BufferAllocator allocator) {
    return new StoredFile(file, length, wholeBytes, allocator);
  }

  /** Waits for the end of the file, and reads its footer. A damaged one is {@code CORRUPT}. */
  public void readFooter() {
    suffix.await();
    footer = FooterReader.read(file, suffix);
  }

  public String location() {
    return file.location();
  }

  public MessageType schema() {
    return footer.schema();
  }

  /** Which writer made it; empty where the file does not say. */
  public String createdBy() {
    return footer.createdBy();
  }

  /** The row groups, in order. */
  public List<BlockMetaData> groups() {
    return footer.groups().stream().map(Footer.Group::block).toList();
  }

  /** Bytes from the first to the last chunk of a row group. */
  public long groupBytes(int group) {
    return end(group) - start(group);
  }

  private long start(int group) {
    return footer.groups().get(group).start();
  }

  private long end(int group) {
    long end = start(group);
    for (ColumnChunkMetaData chunk : footer.groups().get(group).block().getColumns()) {
      end = Math.max(end, chunk.getStartingPos() + chunk.getTotalSize());
    }
    return end;
  }

  /** Brings the chunks of a row group to memory, unless they are there. */
  public void load(int group) {
    if (suffix.holds(start(group)) || loaded.containsKey(group)) {
      return;
    }
    long size = groupBytes(group);
    ArrowBuf bytes = allocator.buffer(size);
    try {
      file.read(start(group), size, bytes, 0);
    } catch (RuntimeException e) {
      bytes.close();
      throw e;
    }
    loaded.put(group, new Loaded(bytes, start(group)));
  }

  /** Lets go of a row group that was loaded. */
  public void release(int group) {
    Loaded done = loaded.remove(group);
    if (done != null) {
      done.bytes().close();
    }
  }

  /** The bytes of a chunk of a row group that is loaded. Borrowed. */
  public ChunkBytes chunk(int group, ColumnChunkMetaData chunk) {
    long position = chunk.getStartingPos();
    Loaded there = loaded.get(group);
    ArrowBuf bytes = there == null ? suffix.bytes() : there.bytes();
    long at = there == null ? suffix.at(position) : position - there.start();
    return new FetchedBytes(
        file, bytes, at, position, chunk.getTotalSize(), suffix.sums().headers(position));
  }

  /** A chunk that was read alone. Owns its memory. */
  public static final class Chunk implements AutoCloseable {
    private final ChunkBytes bytes;
    private final @Nullable ArrowBuf memory;

    private Chunk(ChunkBytes bytes, @Nullable ArrowBuf memory) {
      this.bytes = bytes;
      this.memory = memory;
    }

    /** Valid until this is closed. */
    public ChunkBytes bytes() {
      return bytes;
    }

    @Override
    public void close() {
      if (memory != null) {
        memory.close();
      }
    }
  }

  /** Reads a chunk alone, as any number of threads may. The caller closes it, before the file. */
  public Chunk read(int group, ColumnChunkMetaData chunk) {
    if (suffix.holds(start(group))) {
      return new Chunk(chunk(group, chunk), null);
    }
    long position = chunk.getStartingPos();
    long size = chunk.getTotalSize();
    ArrowBuf memory = allocator.buffer(size);
    try {
      file.read(position, size, memory, 0);
    } catch (RuntimeException e) {
      memory.close();
      throw e;
    }
    int[] headers = suffix.sums().headers(position);
    return new Chunk(new FetchedBytes(file, memory, 0, position, size, headers), memory);
  }

  /** A page index, bloom filter or the like, verified where the file tells how. */
  public byte[] part(IndexReference at) {
    if (at.getOffset() < 0
        || at.getLength() < 0
        || at.getOffset() > file.length() - at.getLength()) {
      throw FirnException.corrupt(
          "Cannot read Parquet file: an index claims %d bytes at offset %d of %d; restore the file [%s]"
              .formatted(at.getLength(), at.getOffset(), file.length(), location()),
          null);
    }
    byte[] bytes = new byte[at.getLength()];
    suffix.copy(at.getOffset(), bytes);
    suffix.check(at.getOffset(), ByteBuffer.wrap(bytes));
    return bytes;
  }

  @Override
  public void close() {
    loaded.values().forEach(group -> group.bytes().close());
    loaded.clear();
    opened.close();
  }
}
