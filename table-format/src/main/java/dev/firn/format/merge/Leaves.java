package dev.firn.format.merge;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * Finds the columns of a file by field id, and whether they are stored as those of the output: of
 * the same physical and logical type, and optional and repeated at the same levels. Names may
 * differ, and columns that the table has no more are passed over. Stateless.
 */
final class Leaves {
  private Leaves() {}

  /**
   * The path of each of {@code columns} in the file; null for a column of row lineage that it
   * lacks. What cannot be copied is refused.
   */
  static @Nullable ColumnPath[] match(MessageType file, Layout layout, String location) {
    Map<Object, ColumnDescriptor> stored = new HashMap<>();
    for (ColumnDescriptor column : file.getColumns()) {
      Object key = key(file, column.getPath());
      if (key == null || stored.put(key, column) != null) {
        throw refused(column, "has no field id of its own", location);
      }
    }
    @Nullable ColumnPath[] paths = new ColumnPath[layout.columns().size()];
    Set<Object> taken = new HashSet<>();
    for (Column column : layout.columns()) {
      Object key = key(layout.type(), column.descriptor().getPath());
      ColumnDescriptor found = stored.get(key);
      taken.add(Objects.requireNonNull(key));
      if (found != null) {
        check(file, found, layout.type(), column.descriptor(), location);
        paths[column.index()] = ColumnPath.get(found.getPath());
      } else if (column.lineage() == null) {
        throw new RefusedException(
            "column %s is not in every file [%s]".formatted(column.name(), location));
      }
    }
    checkLeft(stored, taken, layout, location);
    return paths;
  }

  /** Parts of a variant have no ids: one that is left over belongs to a value that is kept. */
  private static void checkLeft(
      Map<Object, ColumnDescriptor> stored, Set<Object> taken, Layout layout, String location) {
    for (Map.Entry<Object, ColumnDescriptor> left : stored.entrySet()) {
      if (left.getKey() instanceof Part part
          && !taken.contains(part)
          && layout.schema().findField(part.id()) != null) {
        throw refused(left.getValue(), "is a part of a value without field id", location);
      }
    }
  }

  /** A leaf without an id, by the nearest id above it. */
  private record Part(int id, List<String> path) {}

  private static @Nullable Object key(MessageType type, String[] path) {
    Type at = type;
    int id = -1;
    int from = 0;
    for (int i = 0; i < path.length; i++) {
      at = ((GroupType) at).getType(path[i]);
      if (at.getId() != null) {
        id = at.getId().intValue();
        from = i + 1;
      }
    }
    if (from == path.length) {
      return id;
    }
    return id < 0 ? null : new Part(id, List.of(path).subList(from, path.length));
  }

  private static void check(
      MessageType file,
      ColumnDescriptor found,
      MessageType wantedFile,
      ColumnDescriptor wanted,
      String location) {
    boolean same =
        found.getPath().length == wanted.getPath().length
            && found.getMaxDefinitionLevel() == wanted.getMaxDefinitionLevel()
            && found.getMaxRepetitionLevel() == wanted.getMaxRepetitionLevel();
    Type a = file;
    Type b = wantedFile;
    for (int i = 0; same && i < found.getPath().length; i++) {
      a = ((GroupType) a).getType(found.getPath()[i]);
      b = ((GroupType) b).getType(wanted.getPath()[i]);
      same = Objects.equals(a.getId(), b.getId()) && a.getRepetition() == b.getRepetition();
    }
    if (!same) {
      throw refused(found, "is optional or nested otherwise than in the table", location);
    }
    if (!sameValues(found.getPrimitiveType(), wanted.getPrimitiveType())) {
      throw refused(found, "has another type than in the table", location);
    }
  }

  private static boolean sameValues(PrimitiveType a, PrimitiveType b) {
    return a.getPrimitiveTypeName() == b.getPrimitiveTypeName()
        && (a.getPrimitiveTypeName() != PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY
            || a.getTypeLength() == b.getTypeLength())
        && Objects.equals(annotation(a), annotation(b));
  }

  /** Writers leave out that an integer is signed and as wide as its type. */
  private static @Nullable LogicalTypeAnnotation annotation(PrimitiveType type) {
    LogicalTypeAnnotation annotation = type.getLogicalTypeAnnotation();
    boolean plain =
        annotation instanceof LogicalTypeAnnotation.IntLogicalTypeAnnotation number
            && number.isSigned()
            && number.getBitWidth()
                == (type.getPrimitiveTypeName() == PrimitiveTypeName.INT32 ? 32 : 64);
    return plain ? null : annotation;
  }

  private static RefusedException refused(ColumnDescriptor column, String reason, String location) {
    return new RefusedException(
        "column %s %s [%s]".formatted(String.join(".", column.getPath()), reason, location));
  }
}
