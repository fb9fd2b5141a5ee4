package dev.firn.compaction.erase;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.InternalData;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * The entries of manifests as they lie in the files, those of removed files too, of which Iceberg's
 * reader does not tell. Stateless.
 *
 * @see <a href="https://iceberg.apache.org/spec/#manifests">Manifests</a>
 */
final class ManifestEntries {
  private static final int DELETED = 2;

  private ManifestEntries() {}

  /** An entry; {@code removed} where it says that the file is not in the table any more. */
  record Entry(
      String location,
      boolean removed,
      Map<Integer, ByteBuffer> lower,
      Map<Integer, ByteBuffer> upper,
      @Nullable StructLike partition) {
    /** Whether a bound, or a value of the partition, is one of the values. */
    boolean tells(ErasedValues values) {
      return tells(lower, values)
          || tells(upper, values)
          || (partition != null && values.tells(values.partitionType(), partition));
    }

    private static boolean tells(Map<Integer, ByteBuffer> bounds, ErasedValues values) {
      return bounds.entrySet().stream()
          .anyMatch(bound -> values.tells(bound.getKey(), bound.getValue()));
    }
  }

  private static Types.NestedField bounds(int id, String name) {
    return optional(
        id,
        name,
        Types.MapType.ofRequired(id + 1, id + 2, Types.IntegerType.get(), Types.BinaryType.get()));
  }

  private static Schema columns(Types.StructType partition) {
    List<Types.NestedField> file = new ArrayList<>();
    file.add(required(100, "file_path", Types.StringType.get()));
    file.add(bounds(125, "lower_bounds"));
    file.add(bounds(128, "upper_bounds"));
    if (!partition.fields().isEmpty()) {
      file.add(optional(102, "partition", partition));
    }
    return new Schema(
        required(0, "status", Types.IntegerType.get()),
        required(2, "data_file", Types.StructType.of(file)));
  }

  /** Tells each entry of a manifest; fails as Iceberg's Avro reader fails where it is none. */
  static void each(
      FileIO io, String manifest, Types.StructType partition, Consumer<Entry> entries) {
    try (CloseableIterable<StructLike> rows =
        InternalData.read(FileFormat.AVRO, io.newInputFile(manifest))
            .project(columns(partition))
            .build()) {
      for (StructLike row : rows) {
        entries.accept(entry(row));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Entry entry(StructLike row) {
    StructLike file = row.get(1, StructLike.class);
    return new Entry(
        file.get(0, CharSequence.class).toString(),
        row.get(0, Integer.class) == DELETED,
        bounds(file, 1),
        bounds(file, 2),
        file.size() < 4 ? null : file.get(3, StructLike.class));
  }

  @SuppressWarnings("unchecked")
  private static Map<Integer, ByteBuffer> bounds(StructLike file, int at) {
    Map<Integer, ByteBuffer> bounds = file.get(at, Map.class);
    return bounds == null ? Map.of() : Map.copyOf(bounds);
  }
}
