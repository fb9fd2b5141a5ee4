package dev.firn.format.arrow;

import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import dev.firn.format.row.WriteDefaults;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.ExtensionTypeVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.types.Types.StructType;
import org.jspecify.annotations.Nullable;

/** Records from the vectors of a batch, or of a struct vector. Confined to one thread. */
final class StructReader implements ColumnReader {
  private final List<NestedField> fields;
  private final String path;
  // Creating a record looks its struct up in a shared cache; copying an empty one does not.
  private final GenericRecord template;
  private final @Nullable ColumnReader[] readers;
  private final @Nullable FieldVector[] vectors;

  StructReader(
      StructType struct, List<FieldVector> vectors, String path, DictionaryProvider dictionaries) {
    this.fields = struct.fields();
    this.path = path;
    this.template = GenericRecord.create(struct);
    this.readers = new ColumnReader[fields.size()];
    this.vectors = new FieldVector[fields.size()];
    Map<String, FieldVector> byName = byName(vectors);
    for (int i = 0; i < readers.length; i++) {
      NestedField field = fields.get(i);
      FieldVector vector = byName.remove(field.name());
      String column = path + field.name();
      if (vector != null) {
        this.vectors[i] =
            vector instanceof ExtensionTypeVector<?> extension
                ? (FieldVector) extension.getUnderlyingVector()
                : vector;
        readers[i] = ColumnReaders.of(vector, field.type(), column, dictionaries);
      } else {
        template.set(i, absent(field, column));
      }
    }
    if (!byName.isEmpty()) {
      throw unknown(byName.keySet().iterator().next());
    }
  }

  private Map<String, FieldVector> byName(List<FieldVector> vectors) {
    Map<String, FieldVector> byName = new HashMap<>();
    for (FieldVector vector : vectors) {
      if (byName.put(vector.getName(), vector) != null) {
        throw FirnException.invalid(
            "Cannot read a batch: it has two columns named " + path + vector.getName());
      }
    }
    return byName;
  }

  private static @Nullable Object absent(NestedField field, String column) {
    Object value = WriteDefaults.of(field);
    if (value == null && field.isRequired()) {
      throw FirnException.invalid(
          "Cannot read a batch: it lacks required column " + column + ", expected " + field.type());
    }
    return value;
  }

  private FirnException unknown(String name) {
    List<String> names = fields.stream().map(NestedField::name).toList();
    return FirnException.invalid(
        "Cannot read a batch: the table has no column "
            + path
            + name
            + NearMatch.hint(name, names));
  }

  /** The vector of a field, that below an extension type; null where the batch lacks it. */
  @Nullable FieldVector vector(int field) {
    return vectors[field];
  }

  /** A field's value in one row; a default where the batch lacks the field. */
  @Nullable Object value(int field, int row) {
    ColumnReader reader = readers[field];
    if (reader == null) {
      return template.get(field);
    }
    Object value = reader.read(row);
    if (value == null && fields.get(field).isRequired()) {
      NestedField missing = fields.get(field);
      throw new Misfit(path + missing.name(), "required " + missing.type(), null);
    }
    return value;
  }

  @Override
  public Record read(int index) {
    GenericRecord row = template.copy();
    for (int i = 0; i < readers.length; i++) {
      if (readers[i] != null) {
        row.set(i, value(i, index));
      }
    }
    return row;
  }
}
