package dev.firn.keyindex;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.apache.iceberg.puffin.Blob;
import org.apache.iceberg.puffin.BlobMetadata;
import org.apache.iceberg.puffin.PuffinCompressionCodec;

/**
 * How an index is in a Puffin file: blobs of one type, of which the first are the slabs of all
 * runs, uncompressed, as they are in memory, and the last is the numbering of files. Each has a
 * CRC-32C of its bytes before compression. Stateless.
 */
final class SavedIndex {
  static final String TYPE = "firn-key-index-v1";

  /** The numbering's property with {@link KeyLayout#text}. */
  static final String KEY = "key";

  static final String RUNS = "runs";
  static final String NEXT = "next-row";
  private static final String PART = "part";
  private static final String FILES = "files";
  private static final String SLAB = "slab";
  private static final String RUN = "run";
  private static final String ENTRIES = "entries";
  private static final String SHAPE = "shape";
  private static final String CHECKSUM = "crc32c";

  /** What the blobs are of. */
  record Origin(KeyLayout layout, long snapshotId, long sequenceNumber) {}

  /** A slab as its blob describes it. */
  record SlabPart(int run, RunShape shape, int number, int entries) {}

  private SavedIndex() {}

  static boolean isNumbering(BlobMetadata blob) {
    return blob.type().equals(TYPE) && FILES.equals(blob.properties().get(PART));
  }

  static boolean isSlab(BlobMetadata blob) {
    return blob.type().equals(TYPE) && SLAB.equals(blob.properties().get(PART));
  }

  static Blob slab(Origin origin, int run, RunShape shape, int number, Slab slab) {
    Map<String, String> properties = new HashMap<>();
    properties.put(PART, SLAB);
    properties.put(RUN, Integer.toString(run));
    properties.put(SLAB, Integer.toString(number));
    properties.put(ENTRIES, Integer.toString(slab.entries()));
    properties.put(
        SHAPE,
        "%d,%d,%d,%d"
            .formatted(shape.slabBits(), shape.bucketBits(), shape.firstRow(), shape.lastRow()));
    return blob(origin, slab.bytes(), PuffinCompressionCodec.NONE, properties);
  }

  static Blob numbering(Origin origin, List<FileSlot> slots, int runs, long next) {
    Map<String, String> properties = new HashMap<>();
    properties.put(PART, FILES);
    properties.put(KEY, origin.layout().text());
    properties.put(RUNS, Integer.toString(runs));
    properties.put(NEXT, Long.toString(next));
    return blob(origin, ByteBuffer.wrap(write(slots)), PuffinCompressionCodec.ZSTD, properties);
  }

  private static Blob blob(
      Origin origin,
      ByteBuffer bytes,
      PuffinCompressionCodec codec,
      Map<String, String> properties) {
    properties.put(CHECKSUM, Long.toHexString(checksum(bytes)));
    return new Blob(
        TYPE,
        origin.layout().ids(),
        origin.snapshotId(),
        origin.sequenceNumber(),
        bytes,
        codec,
        properties);
  }

  private static long checksum(ByteBuffer bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes.duplicate());
    return sum.getValue();
  }

  private static byte[] write(List<FileSlot> slots) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(slots.size());
      for (FileSlot slot : slots) {
        byte[] location = slot.location().getBytes(StandardCharsets.UTF_8);
        out.writeInt(location.length);
        out.write(location);
        out.writeLong(slot.base());
        out.writeLong(slot.rows());
        out.writeLong(slot.bytes());
      }
    } catch (IOException e) {
      throw new IllegalStateException("bytes in memory cannot be written", e);
    }
    return bytes.toByteArray();
  }

  /** Fails where the bytes are not those that were written. */
  static void check(BlobMetadata blob, ByteBuffer bytes) throws IOException {
    if (!Long.toHexString(checksum(bytes)).equals(blob.properties().get(CHECKSUM))) {
      throw new IOException("a checksum does not match at byte " + blob.offset());
    }
  }

  static List<FileSlot> readNumbering(ByteBuffer bytes) throws IOException {
    byte[] content = new byte[bytes.remaining()];
    bytes.duplicate().get(content);
    List<FileSlot> slots = new ArrayList<>();
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(content))) {
      int count = in.readInt();
      for (int i = 0; i < count; i++) {
        String location = new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
        slots.add(new FileSlot(location, in.readLong(), in.readLong(), in.readLong()));
      }
    }
    return slots;
  }

  static int runs(BlobMetadata numbering) throws IOException {
    return (int) number(numbering, RUNS);
  }

  static long next(BlobMetadata numbering) throws IOException {
    return number(numbering, NEXT);
  }

  static SlabPart part(BlobMetadata blob) throws IOException {
    String[] shape = property(blob, SHAPE).split(",", -1);
    try {
      return new SlabPart(
          (int) number(blob, RUN),
          new RunShape(
              Integer.parseInt(shape[0]),
              Integer.parseInt(shape[1]),
              Long.parseLong(shape[2]),
              Long.parseLong(shape[3])),
          (int) number(blob, SLAB),
          (int) number(blob, ENTRIES));
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      throw new IOException("a blob's shape is none: " + property(blob, SHAPE), e);
    }
  }

  private static long number(BlobMetadata blob, String name) throws IOException {
    try {
      return Long.parseLong(property(blob, name));
    } catch (NumberFormatException e) {
      throw new IOException("a blob's " + name + " is no number", e);
    }
  }

  private static String property(BlobMetadata blob, String name) throws IOException {
    String value = blob.properties().get(name);
    if (value == null) {
      throw new IOException("a blob has no " + name);
    }
    return value;
  }
}
