package dev.firn.format.hash;

import dev.firn.error.FirnException;
import dev.firn.format.arrow.Layouts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * Makes the {@link ContentHash} of the rows of Arrow batches. Mutable, confined to one thread: use
 * one for each thread and add their sums. Takes about 32 KiB, 16 KiB for each column of numbers,
 * and what the largest dictionary's entries need at 16 bytes each, nothing native.
 *
 * <p>The hash of a row depends on which value each field has by its Iceberg field id, at any depth,
 * and on nothing else: not on names, order of columns, or encoding. Null adds nothing, so a column
 * that is null in every row may as well be absent, and differs from every value, from the empty
 * string, list and map, and from a struct whose fields are all null. Values of promoted types stay
 * what they were: an int is hashed as its long, a float as its double, a decimal by its unscaled
 * value. Of floats and doubles, 0.0 and -0.0 differ and all NaNs are one. The order of a list
 * counts, that of a map's entries does not. A variant is its bytes, metadata and value.
 *
 * <p>How it works: each column in turn adds two numbers to each row of a block, {@link FieldKey}'s
 * products, which are injective for eight-byte values; then each row's pair goes through a 128-bit
 * bijection, and the results are summed up. This is version 1; another one would be another class.
 */
public final class ContentHasher {
  /** Rows whose sums stay in the first-level cache. */
  private static final int BLOCK = 1024;

  private static final DictionaryProvider NO_DICTIONARIES =
      new DictionaryProvider.MapDictionaryProvider();

  private final List<Column> columns;
  private final long[] ones = new long[BLOCK];
  private final long[] twos = new long[BLOCK];
  private long rows;
  private long high;
  private long low;

  private ContentHasher(Schema schema) {
    this.columns = schema.columns().stream().map(Column::new).toList();
  }

  /** A hasher of no rows yet, of these columns; metadata columns such as {@code _row_id} too. */
  public static ContentHasher of(Schema schema) {
    return new ContentHasher(schema);
  }

  /** As {@link #add(VectorSchemaRoot, DictionaryProvider)}, of batches without dictionaries. */
  public void add(VectorSchemaRoot batch) {
    add(batch, NO_DICTIONARIES);
  }

  /**
   * Adds the batch's rows. Columns are found by name (exact) and have the layout of {@code
   * ArrowSchemas.toArrow}, or are indices into a dictionary of that layout; others have to go
   * through {@code ArrowConformer} first. Further columns are not looked at. A column that is
   * absent or has another layout is {@code INVALID}, and nothing is added.
   */
  public void add(VectorSchemaRoot batch, DictionaryProvider dictionaries) {
    add(batch, dictionaries, 0, batch.getRowCount());
  }

  /** Adds the batch's rows from {@code from} to before {@code to}, without dictionaries. */
  public void add(VectorSchemaRoot batch, int from, int to) {
    add(batch, NO_DICTIONARIES, from, to);
  }

  private void add(VectorSchemaRoot batch, DictionaryProvider dictionaries, int from, int to) {
    List<Slots> bound = new ArrayList<>();
    for (Column column : columns) {
      bound.add(column.bind(batch, dictionaries));
    }
    for (int start = from; start < to; start += BLOCK) {
      block(bound, start, Math.min(to, start + BLOCK));
    }
  }

  private void block(List<Slots> bound, int from, int to) {
    Arrays.fill(ones, 0);
    Arrays.fill(twos, 0);
    for (Slots slots : bound) {
      slots.add(from, to, ones, twos);
    }
    int count = to - from;
    for (int i = 0; i < count; i++) {
      long rowLow = Mix.rowLow(ones[i], twos[i]);
      long rowHigh = Mix.rowHigh(ones[i], twos[i], rowLow);
      low += rowLow;
      high += rowHigh + (Long.compareUnsigned(low, rowLow) < 0 ? 1 : 0);
    }
    rows += count;
  }

  /** The hash of all rows added so far. */
  public ContentHash sum() {
    return new ContentHash(rows, high, low);
  }

  private static Slots slots(Type type, int id) {
    FieldKey key = FieldKey.of(id, FieldKey.VALUES);
    return switch (type.typeId()) {
      case BOOLEAN -> new NumberSlots.Booleans(key);
      case INTEGER, DATE -> new NumberSlots.Ints(key);
      case LONG, TIME, TIMESTAMP, TIMESTAMP_NANO -> new NumberSlots.Longs(key);
      case FLOAT -> new NumberSlots.Floats(key);
      case DOUBLE -> new NumberSlots.Doubles(key);
      case DECIMAL -> new NumberSlots.Decimals(key);
      case UUID -> ByteSlots.ofWidth(16, key);
      case FIXED -> ByteSlots.ofWidth(((Types.FixedType) type).length(), key);
      case STRING, BINARY, GEOMETRY, GEOGRAPHY -> ByteSlots.ofAnyLength(key);
      case STRUCT -> new StructSlots(key, slots(type.asStructType().fields()));
      case LIST -> RepeatedSlots.list(key, slots(type.asListType().fields()).get(0));
      case MAP -> RepeatedSlots.map(key, new StructSlots(key, slots(type.asMapType().fields())));
      case VARIANT ->
          new StructSlots(
              key,
              Stream.of(FieldKey.VARIANT_METADATA, FieldKey.VARIANT_VALUE)
                  .<Slots>map(part -> ByteSlots.ofAnyLength(FieldKey.of(id, part)))
                  .toList());
      case UNKNOWN -> new NullSlots();
    };
  }

  private static List<Slots> slots(List<NestedField> fields) {
    return fields.stream().map(f -> slots(f.type(), f.fieldId())).toList();
  }

  /** One top-level column and how its vectors are hashed, plain or dictionary-encoded. */
  private static final class Column {
    private final NestedField field;
    private final Slots slots;
    private @Nullable DictionarySlots encoded;

    Column(NestedField field) {
      this.field = field;
      this.slots = slots(field.type(), field.fieldId());
    }

    Slots bind(VectorSchemaRoot batch, DictionaryProvider dictionaries) {
      FieldVector vector = batch.getVector(field.name());
      if (vector == null) {
        throw unfit("no column of that name");
      }
      Slots used =
          vector.getField().getDictionary() == null ? plain(vector) : encoded(vector, dictionaries);
      used.bind(vector, dictionaries);
      return used;
    }

    private Slots plain(FieldVector vector) {
      if (!Layouts.same(vector, field.type())) {
        throw unfit("Arrow " + vector.getField().getType());
      }
      return slots;
    }

    private Slots encoded(FieldVector vector, DictionaryProvider dictionaries) {
      Dictionary dictionary = dictionaries.lookup(vector.getField().getDictionary().getId());
      if (dictionary == null || !(vector instanceof BaseIntVector indices)) {
        throw unfit("indices into a dictionary that is not here");
      }
      plain(dictionary.getVector());
      if (encoded == null) {
        encoded = new DictionarySlots(slots, indices);
      }
      return encoded;
    }

    private FirnException unfit(String got) {
      return FirnException.invalid(
          "Cannot hash a batch: column "
              + field.name()
              + " does not have its layout, expected the Arrow type of "
              + field.type()
              + ", got "
              + got
              + "; conform the batch first");
    }
  }
}
