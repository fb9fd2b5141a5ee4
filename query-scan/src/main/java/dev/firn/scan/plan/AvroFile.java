package dev.firn.scan.plan;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericDatumReader;

/**
 * A cursor over the blocks of an Avro file in memory. Blocks that are stored or deflated are taken
 * apart here; those of other codecs by Avro itself. Confined to one thread.
 */
final class AvroFile implements AutoCloseable {
  private static final int SYNC_BYTES = 16;

  private final byte[] file;
  private final DataFileStream<Object> stream;
  private final boolean ours;
  private final Inflate inflate = new Inflate();
  private final Inflater inflater = new Inflater(true);
  private final byte[] sync;
  private int position;
  private long count;

  private AvroFile(byte[] file, DataFileStream<Object> stream, int headerBytes, String codec) {
    this.file = file;
    this.stream = stream;
    this.ours = codec.equals("deflate") || codec.equals("null");
    this.position = headerBytes;
    this.sync = Arrays.copyOfRange(file, headerBytes - SYNC_BYTES, headerBytes);
  }

  /**
   * Reads the header.
   *
   * @throws DamagedManifestException where it is none
   */
  static AvroFile open(byte[] file) {
    try {
      DataFileStream<Object> stream =
          new DataFileStream<>(new ByteArrayInputStream(file), new GenericDatumReader<>());
      String codec = stream.getMetaString("avro.codec");
      return new AvroFile(file, stream, headerBytes(file), codec == null ? "null" : codec);
    } catch (IOException | SchemaParseException e) {
      throw new DamagedManifestException("its header does not decode: " + e.getMessage(), e);
    } catch (AvroRuntimeException e) {
      throw new UnsupportedManifestException(String.valueOf(e.getMessage()));
    }
  }

  private static int headerBytes(byte[] file) {
    AvroInput in = new AvroInput();
    in.reset(file, 0, file.length);
    int unusedMagic = in.skip(4);
    for (long block = in.readBlock(); block > 0; block = in.readBlock()) {
      for (long i = 0; i < block; i++) {
        long unusedKey = in.readSlice();
        long unusedValue = in.readSlice();
      }
    }
    int unusedSync = in.skip(SYNC_BYTES);
    return in.position();
  }

  Schema schema() {
    return stream.getSchema();
  }

  /** Moves to the next block; returns false where there is none. */
  boolean next(ChunkBuilder into) {
    try {
      return ours ? nextOfOurs(into) : nextOfAvros(into);
    } catch (DataFormatException | IOException | AvroRuntimeException e) {
      throw new DamagedManifestException("a block does not decode: " + e.getMessage(), e);
    }
  }

  /** How many entries the block has. */
  long count() {
    return count;
  }

  private boolean nextOfAvros(ChunkBuilder into) throws IOException {
    if (!stream.hasNext()) {
      return false;
    }
    ByteBuffer block = stream.nextBlock();
    count = stream.getBlockCount();
    int bytes = block.remaining();
    into.room(bytes);
    block.get(into.buffer(), into.used(), bytes);
    into.use(bytes);
    return true;
  }

  private boolean nextOfOurs(ChunkBuilder into) throws DataFormatException {
    if (position == file.length) {
      return false;
    }
    AvroInput in = new AvroInput();
    in.reset(file, position, file.length);
    count = in.readLong();
    long bytes = in.readLong();
    if (count < 0) {
      throw new DamagedManifestException("a block of " + count + " entries");
    }
    int start = in.skip(bytes);
    int marker = in.skip(SYNC_BYTES);
    if (!Arrays.equals(file, marker, marker + SYNC_BYTES, sync, 0, SYNC_BYTES)) {
      throw new DamagedManifestException("a block does not end in the file's marker");
    }
    position = in.position();
    String codec = stream.getMetaString("avro.codec");
    if ("deflate".equals(codec)) {
      inflate(start, (int) bytes, into);
    } else {
      into.room((int) bytes);
      System.arraycopy(file, start, into.buffer(), into.used(), (int) bytes);
      into.use((int) bytes);
    }
    return true;
  }

  private void inflate(int start, int bytes, ChunkBuilder into) throws DataFormatException {
    into.room(Math.max(64, bytes * 4) + Inflate.SPARE);
    int result = inflate.inflate(file, start, start + bytes, into.buffer(), into.used());
    while (result == Inflate.NO_ROOM) {
      into.room(into.buffer().length - into.used() + 1);
      result = inflate.inflate(file, start, start + bytes, into.buffer(), into.used());
    }
    if (result >= 0) {
      into.use(result);
    } else {
      inflateByZlib(start, bytes, into);
    }
  }

  private void inflateByZlib(int start, int bytes, ChunkBuilder into) throws DataFormatException {
    inflater.reset();
    inflater.setInput(file, start, bytes);
    into.room(Math.max(64, bytes * 4));
    while (!inflater.finished()) {
      if (into.used() == into.buffer().length) {
        into.room(into.buffer().length / 2);
      }
      int more = inflater.inflate(into.buffer(), into.used(), into.buffer().length - into.used());
      if (more == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
        throw new DataFormatException("the deflated data ends early");
      }
      into.use(more);
    }
  }

  @Override
  public void close() {
    inflater.end();
    try {
      stream.close();
    } catch (IOException e) {
      throw new DamagedManifestException("it does not close: " + e.getMessage(), e);
    }
  }
}
