package dev.firn.format.row;

import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.types.Types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Checks rows against one schema before a file format sees them, and adapts what may legally be
 * adapted. Confined to one thread.
 *
 * <p>A row whose struct is the schema's own is returned itself when nothing has to change, so a
 * conformed row may share values with the one given. A row of another struct is matched by column
 * name (exact); its absent columns take their write default, or null. A null that a row does hold
 * stays null. Adapted: int to long, float to double, decimals to the column's scale where exact,
 * timestamps to the column's unit (finer digits are dropped), char sequences to strings, byte
 * arrays to buffers. Everything else is refused with {@link dev.firn.error.ErrorKind#INVALID},
 * naming the column, the type expected and the value.
 */
public final class RowConformer {
  private final String table;
  private final StructConformer root;

  /** {@code table} names the table in messages. */
  public RowConformer(Schema schema, String table) {
    this.table = table;
    this.root = new StructConformer(schema.asStruct(), "");
  }

  /** Returns the row in the schema's own struct; {@link Conformed#bytes()} estimates its memory. */
  public Conformed conform(Record row) {
    Size size = new Size();
    Object conformed = root.conform(row, size, table);
    return new Conformed((Record) conformed, size.bytes);
  }

  /** A row that fits, and an estimate of the heap that it holds, in bytes. */
  public record Conformed(Record row, long bytes) {}

  /** Adds up what the values of a row hold on the heap. */
  static final class Size {
    private long bytes;

    void add(long more) {
      bytes += more;
    }
  }

  /** A check of one column's values; never sees null. */
  interface ValueConformer {
    /** Returns the value as the column holds it: the same object where nothing changes. */
    Object conform(Object value, Size size, String table);
  }

  static FirnException mismatch(
      String column, Object expected, @Nullable Object value, String table) {
    return FirnException.invalid(
        "Cannot write row: column "
            + column
            + " does not take this value, expected "
            + expected
            + ", got "
            + ShownValue.of(value)
            + " ["
            + table
            + "]");
  }

  /** Structs: the row itself and every struct below it. */
  // Structs are compared by identity: equality would compare every field of every row's schema, and
  // an equal struct that is another object is only matched by name once more.
  @SuppressWarnings("ReferenceEquality")
  static final class StructConformer implements ValueConformer {
    private final StructType struct;
    private final String path;
    private final List<NestedField> fields;
    private final ValueConformer[] conformers;
    private final GenericRecord template;
    private @Nullable StructType foreign;
    private int[] foreignPositions = {};

    StructConformer(StructType struct, String path) {
      this.struct = struct;
      this.path = path;
      this.fields = struct.fields();
      this.template = GenericRecord.create(struct);
      this.conformers =
          fields.stream()
              .map(f -> ValueConformers.of(f.type(), path + f.name()))
              .toArray(ValueConformer[]::new);
    }

    @Override
    public Object conform(Object value, Size size, String table) {
      if (!(value instanceof Record row)) {
        throw mismatch(path.isEmpty() ? "(row)" : path, struct, value, table);
      }
      size.add(40 + 8L * conformers.length);
      return row.struct() == struct ? same(row, size, table) : foreign(row, size, table);
    }

    private Record same(Record row, Size size, String table) {
      Record changed = null;
      for (int i = 0; i < conformers.length; i++) {
        Object value = row.get(i);
        Object fit = value(i, value, size, table);
        if (fit != value) {
          changed = changed == null ? shallowCopy(row) : changed;
          changed.set(i, fit);
        }
      }
      return changed == null ? row : changed;
    }

    private Record foreign(Record row, Size size, String table) {
      int[] positions = positionsOf(row.struct(), table);
      Record result = template.copy();
      for (int i = 0; i < conformers.length; i++) {
        Object given = positions[i] >= 0 ? row.get(positions[i]) : WriteDefaults.of(fields.get(i));
        result.set(i, value(i, given, size, table));
      }
      return result;
    }

    private @Nullable Object value(int i, @Nullable Object value, Size size, String table) {
      if (value != null) {
        return conformers[i].conform(value, size, table);
      }
      if (fields.get(i).isRequired()) {
        throw mismatch(
            path + fields.get(i).name(), "required " + fields.get(i).type(), null, table);
      }
      return null;
    }

    private Record shallowCopy(Record row) {
      Record copy = template.copy();
      for (int i = 0; i < conformers.length; i++) {
        copy.set(i, row.get(i));
      }
      return copy;
    }

    private int[] positionsOf(StructType other, String table) {
      if (other == foreign) {
        return foreignPositions;
      }
      int[] positions = new int[conformers.length];
      Arrays.fill(positions, -1);
      List<NestedField> given = other.fields();
      for (int i = 0; i < given.size(); i++) {
        positions[positionOf(given.get(i).name(), table)] = i;
      }
      foreign = other;
      foreignPositions = positions;
      return positions;
    }

    private int positionOf(String name, String table) {
      List<String> names = new ArrayList<>();
      for (int i = 0; i < fields.size(); i++) {
        if (fields.get(i).name().equals(name)) {
          return i;
        }
        names.add(fields.get(i).name());
      }
      throw FirnException.invalid(
          "Cannot write row: the table has no column "
              + path
              + name
              + NearMatch.hint(name, names)
              + " ["
              + table
              + "]");
    }
  }
}
