package dev.firn.change;

import dev.firn.error.FirnException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.iceberg.Schema;
import org.apache.iceberg.avro.AvroSchemaUtil;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.avro.DataWriter;
import org.apache.iceberg.data.avro.PlannedDataReader;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * The source of a merge, held by key. Confined to one thread: first {@link #add}, then {@link
 * #seal}, then the rest.
 *
 * <p>How it works: rows are encoded one after the other into a log, and a table of hashes says
 * where the rows of a key are. Both are on the heap up to {@link Bounds}, beyond it in temporary
 * files; on disk, a row that is looked up costs one read. A bit per place in the table tells the
 * rows that matched.
 */
final class SourceRows implements AutoCloseable {
  /**
   * The memory it takes.
   *
   * @param logBytes encoded rows on the heap
   * @param tableLongs two for each place of the table of hashes, which has two to four places per
   *     row
   */
  record Bounds(int logBytes, long tableLongs) {
    /** An eighth of the heap, and at most 256 MiB. */
    static Bounds ofHeap() {
      long half = Math.min(Runtime.getRuntime().maxMemory() / 16, 128L << 20);
      return new Bounds((int) half, half / 8);
    }
  }

  /** Takes a row that has the key looked up. */
  interface Match {
    void row(Record row);
  }

  private static final int NO_KEY = -1;
  private static final int HEADER = 16;
  private static final int MOST_ROWS = 1 << 28;

  private final Schema schema;
  private final List<NestedField> keys;
  private final int[] positions;
  private final KeyCodec codec;
  private final List<KeyFilter> filters = new ArrayList<>();
  private final Bounds bounds;
  private final Scratch scratch = new Scratch();
  private final RowLog log;
  private final DataWriter<Record> writer;
  private final PlannedDataReader<Record> reader;
  private final ByteArrayOutputStream encoded = new ByteArrayOutputStream();
  private final BitSet matched = new BitSet();
  private @Nullable BinaryEncoder encoder;
  private @Nullable BinaryDecoder decoder;
  private @Nullable LongArray table;
  private long mask;
  private int rows;

  SourceRows(String target, Schema schema, List<NestedField> keys, Bounds bounds) {
    this.schema = schema;
    this.keys = keys;
    this.positions = keys.stream().mapToInt(key -> schema.columns().indexOf(key)).toArray();
    this.codec = new KeyCodec(target, keys);
    this.bounds = bounds;
    this.log = new RowLog(bounds.logBytes(), scratch);
    org.apache.avro.Schema avro = AvroSchemaUtil.convert(schema.asStruct(), "row");
    this.writer = DataWriter.create(avro);
    this.reader = PlannedDataReader.create(schema);
    reader.setSchema(avro);
    keys.forEach(key -> filters.add(new KeyFilter(key.name(), key.type())));
  }

  /** Returns the columns of the rows. */
  Schema schema() {
    return schema;
  }

  int rows() {
    return rows;
  }

  boolean isOnDisk() {
    return log.isOnDisk();
  }

  /** Adds a row of {@link #schema}. */
  void add(Record row) {
    if (rows == MOST_ROWS) {
      throw FirnException.invalid(
          "Cannot merge: too many source rows, expected at most %,d; merge them in parts"
              .formatted(MOST_ROWS));
    }
    boolean keyed = codec.take(row, positions);
    encode(row);
    int keyLength = keyed ? codec.length() : 0;
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    header.putInt(keyed ? keyLength : NO_KEY).putInt(encoded.size());
    header.putLong(keyed ? codec.hash() : 0);
    byte[] entry = new byte[HEADER + keyLength + encoded.size()];
    System.arraycopy(header.array(), 0, entry, 0, HEADER);
    System.arraycopy(codec.array(), 0, entry, HEADER, keyLength);
    System.arraycopy(encoded.toByteArray(), 0, entry, HEADER + keyLength, encoded.size());
    log.append(entry, entry.length);
    rows++;
    if (keyed) {
      for (int i = 0; i < filters.size(); i++) {
        filters.get(i).add(codec.value(i));
      }
    }
  }

  private void encode(Record row) {
    encoded.reset();
    try {
      encoder = EncoderFactory.get().directBinaryEncoder(encoded, encoder);
      writer.write(row, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends adding, and makes the rows known by their keys. */
  void seal() {
    long places = Long.highestOneBit(Math.max(rows, 8)) << 2;
    LongArray places2 = new LongArray(2 * places, bounds.tableLongs(), scratch, "keys");
    table = places2;
    mask = places - 1;
    for (long at = 0; at < log.size(); ) {
      ByteBuffer header = log.read(at, HEADER);
      int keyLength = header.getInt();
      int rowLength = header.getInt();
      long hash = header.getLong();
      if (keyLength != NO_KEY) {
        long place = hash & mask;
        while (places2.get(2 * place + 1) != 0) {
          place = (place + 1) & mask;
        }
        places2.set(2 * place, hash);
        places2.set(2 * place + 1, at + 1);
      }
      at += HEADER + Math.max(keyLength, 0) + rowLength;
    }
  }

  private LongArray table() {
    LongArray sealed = table;
    if (sealed == null) {
      throw new IllegalStateException("Cannot look up rows before all are added");
    }
    return sealed;
  }

  /** Returns a filter that is true of every row of a target that a row here may match. */
  Expression filter() {
    Expression all = Expressions.alwaysTrue();
    for (KeyFilter filter : filters) {
      all = Expressions.and(all, filter.filter());
    }
    return all;
  }

  /** Whether there may be rows with the key of a target's row; sure where it says no. */
  boolean mayMatch(Record of, int[] at) {
    if (!codec.take(of, at)) {
      return false;
    }
    LongArray places = table();
    long hash = codec.hash();
    for (long place = hash & mask; places.get(2 * place + 1) != 0; place = (place + 1) & mask) {
      if (places.get(2 * place) == hash) {
        return true;
      }
    }
    return false;
  }

  /**
   * Hands over the rows with the key of a target's row, in no order, and takes them for matched;
   * false where there are none.
   */
  boolean match(Record of, int[] at, Match match) {
    if (!codec.take(of, at)) {
      return false;
    }
    LongArray places = table();
    long hash = codec.hash();
    boolean any = false;
    for (long place = hash & mask; places.get(2 * place + 1) != 0; place = (place + 1) & mask) {
      if (places.get(2 * place) == hash && hasKey(places.get(2 * place + 1) - 1)) {
        any = true;
        matched.set((int) place);
        match.row(row(places.get(2 * place + 1) - 1));
      }
    }
    return any;
  }

  private boolean hasKey(long at) {
    int keyLength = log.read(at, HEADER).getInt();
    ByteBuffer key = log.read(at + HEADER, keyLength);
    return codec.equals(key.array(), key.arrayOffset() + key.position(), keyLength);
  }

  private Record row(long at) {
    ByteBuffer header = log.read(at, HEADER);
    int keyLength = Math.max(header.getInt(), 0);
    int rowLength = header.getInt();
    ByteBuffer row = log.read(at + HEADER + keyLength, rowLength);
    try {
      decoder =
          DecoderFactory.get()
              .binaryDecoder(row.array(), row.arrayOffset() + row.position(), rowLength, decoder);
      return reader.read(null, decoder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Forgets which rows matched, for another look at the target. */
  void restart() {
    matched.clear();
  }

  /** Hands over the rows that matched none of the target's, in their order. */
  void forEachUnmatched(Consumer<Record> taker) {
    for (long at = 0; at < log.size(); ) {
      ByteBuffer header = log.read(at, HEADER);
      int keyLength = header.getInt();
      int rowLength = header.getInt();
      long hash = header.getLong();
      if (keyLength == NO_KEY || !matched.get(place(hash, at))) {
        taker.accept(row(at));
      }
      at += HEADER + Math.max(keyLength, 0) + rowLength;
    }
  }

  private int place(long hash, long at) {
    LongArray places = table();
    long place = hash & mask;
    while (places.get(2 * place + 1) != at + 1) {
      place = (place + 1) & mask;
    }
    return (int) place;
  }

  /** The key of one of these rows, for a message. */
  String showKey(Record row) {
    return KeyCodec.show(row, keys, positions);
  }

  @Override
  public void close() {
    try {
      log.close();
    } finally {
      scratch.close();
    }
  }
}
