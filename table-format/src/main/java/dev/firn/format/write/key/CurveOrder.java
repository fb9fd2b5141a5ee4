package dev.firn.format.write.key;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.transforms.Transforms;
import org.apache.iceberg.types.Type;

/**
 * The order of rows along a space-filling curve, as keys of eight bytes. Confined to one thread.
 *
 * <p>How it works: each value becomes its rank among a sample of its column's values, of as many
 * bits as there are for each column in 64; nulls come first. Raw values would not do: the high bits
 * of numbers from a narrow range are all the same, and interleaving them orders by one column.
 *
 * @see <a href="https://doi.org/10.1063/1.1751381">J. Skilling, Programming the Hilbert curve</a>
 */
public final class CurveOrder implements RowOrder {
  private static final int MOST_BITS = 32;

  private final Curve curve;
  private final List<Axis> axes;
  private final int bits;

  /** One column of the curve. */
  private record Axis(KeyColumn column, Words words, Ranks ranks) {}

  private CurveOrder(Curve curve, List<Axis> axes) {
    this.curve = curve;
    this.axes = axes;
    this.bits = Math.min(MOST_BITS, Long.SIZE / axes.size());
  }

  @Override
  public Keys of(VectorSchemaRoot batch, BufferAllocator allocator) {
    int count = batch.getRowCount();
    int width = axes.size();
    // The ranks of a row lie together.
    long[] ranks = new long[count * width];
    long most = (1L << bits) - 1;
    for (int a = 0; a < width; a++) {
      Axis axis = axes.get(a);
      Values values = axis.column().read(batch, 0, count);
      for (int row = 0; row < count; row++) {
        boolean isNull = values.isNull(row);
        ranks[row * width + a] = isNull ? 0 : axis.ranks().of(axis.words().of(values, row), most);
      }
    }
    ArrowBuf keys = allocator.buffer((count + 1L) * Long.BYTES);
    long[] point = new long[width];
    for (int row = 0; row < count; row++) {
      System.arraycopy(ranks, row * width, point, 0, width);
      long key = key(curve, point, bits);
      MemoryUtil.putLong(keys.memoryAddress() + (long) row * Long.BYTES, Long.reverseBytes(key));
    }
    return Keys.fixed(keys, count, Long.BYTES);
  }

  /** Where a point lies on the curve, counted without sign; the point is overwritten. */
  static long key(Curve curve, long[] point, int bits) {
    if (curve == Curve.HILBERT) {
      toHilbert(point, bits);
    }
    long key = 0;
    for (int bit = bits - 1; bit >= 0; bit--) {
      for (long axis : point) {
        key = key << 1 | (axis >>> bit & 1);
      }
    }
    return key;
  }

  /** Turns coordinates into those whose interleaved bits are the distance along the curve. */
  private static void toHilbert(long[] point, int bits) {
    for (long bit = 1L << (bits - 1); bit > 1; bit >>= 1) {
      long below = bit - 1;
      for (int i = 0; i < point.length; i++) {
        if ((point[i] & bit) != 0) {
          point[0] ^= below;
        } else {
          long swap = (point[0] ^ point[i]) & below;
          point[0] ^= swap;
          point[i] ^= swap;
        }
      }
    }
    for (int i = 1; i < point.length; i++) {
      point[i] ^= point[i - 1];
    }
    long flips = 0;
    for (long bit = 1L << (bits - 1); bit > 1; bit >>= 1) {
      flips ^= (point[point.length - 1] & bit) != 0 ? bit - 1 : 0;
    }
    for (int i = 0; i < point.length; i++) {
      point[i] ^= flips;
    }
  }

  /**
   * Learns how the columns' values are spread, and then makes the order. Keeps up to 65,536 values
   * of each column. Confined to one thread.
   */
  public static final class Sampler {
    private static final int MOST_VALUES = 1 << 16;

    // A shared prefix longer than that is cut.
    private static final int MOST_BYTES = 64;

    private final Curve curve;
    private final List<Sample> samples = new ArrayList<>();

    /** {@code schema} is that of the batches, {@code columns} are 2 to 8 of its columns. */
    public Sampler(Curve curve, Schema schema, List<String> columns) {
      this.curve = curve;
      for (String name : columns) {
        int id = schema.findField(name).fieldId();
        samples.add(new Sample(KeyColumn.of(schema, id, Transforms.identity())));
      }
    }

    /** Takes rows into account. The batch is borrowed. */
    public void add(VectorSchemaRoot batch) {
      samples.forEach(sample -> sample.add(batch));
    }

    /**
     * Returns the order of batches of a schema that has the columns, wherever in it. One column
     * without any value leaves the order to the others.
     */
    public CurveOrder order(Schema schema, List<String> columns) {
      List<Axis> axes = new ArrayList<>();
      for (int i = 0; i < columns.size(); i++) {
        int id = schema.findField(columns.get(i)).fieldId();
        axes.add(samples.get(i).axis(KeyColumn.of(schema, id, Transforms.identity())));
      }
      return new CurveOrder(curve, axes);
    }
  }

  /** Values of one column. */
  private static final class Sample {
    private final KeyColumn column;
    private long[] words = {};
    private final List<byte[]> strings = new ArrayList<>();
    private int count;
    private long seen;
    private int stride = 1;

    Sample(KeyColumn column) {
      this.column = column;
    }

    void add(VectorSchemaRoot batch) {
      Values values = column.read(batch, 0, batch.getRowCount());
      Words plain = new Words(column.result(), new byte[0]);
      for (int row = 0; row < values.count; row++) {
        if (values.isNull(row) || seen++ % stride != 0) {
          continue;
        }
        if (Words.isBytes(values)) {
          byte[] start = new byte[Math.min(values.lengths[row], Sampler.MOST_BYTES)];
          MemoryUtil.copyFromMemory(values.words[row], start, 0, start.length);
          strings.add(start);
        } else {
          words = count == words.length ? Arrays.copyOf(words, Math.max(1024, 2 * count)) : words;
          words[count] = plain.of(values, row);
        }
        if (++count == Sampler.MOST_VALUES) {
          thinOut();
        }
      }
    }

    /** Drops every other value, and takes half as many from now on. */
    private void thinOut() {
      int kept = 0;
      for (int i = 0; i < count; i += 2, kept++) {
        if (strings.isEmpty()) {
          words[kept] = words[i];
        } else {
          strings.set(kept, strings.get(i));
        }
      }
      if (!strings.isEmpty()) {
        strings.subList(kept, strings.size()).clear();
      }
      count = kept;
      stride *= 2;
    }

    Axis axis(KeyColumn of) {
      if (strings.isEmpty()) {
        Words plain = new Words(column.result(), new byte[0]);
        return new Axis(of, plain, Ranks.of(Arrays.copyOf(words, count)));
      }
      // Iceberg's uuids do not order as their bytes do.
      boolean isUuid = column.result().typeId() == Type.TypeID.UUID;
      byte[] prefix = isUuid ? new byte[0] : sharedPrefix();
      Words behind = new Words(column.result(), prefix);
      long[] numbers = new long[count];
      for (int i = 0; i < count; i++) {
        numbers[i] = behind.ofBytes(strings.get(i));
      }
      return new Axis(of, behind, Ranks.of(numbers));
    }

    private byte[] sharedPrefix() {
      byte[] prefix = strings.get(0);
      for (byte[] each : strings) {
        int differs = Arrays.mismatch(prefix, each);
        prefix = differs < 0 ? prefix : Arrays.copyOf(prefix, differs);
      }
      return prefix;
    }
  }
}
