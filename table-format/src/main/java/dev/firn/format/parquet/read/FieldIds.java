package dev.firn.format.parquet.read;

import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.mapping.MappedField;
import org.apache.iceberg.mapping.MappingUtil;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/** The Iceberg field ids of a file's fields. Immutable. */
final class FieldIds {
  private final @Nullable NameMapping names;

  private FieldIds(@Nullable NameMapping names) {
    this.names = names;
  }

  /**
   * The ids that the file holds; where it holds none at all, those of {@code mapping}, or without
   * one, of {@code expected} by name.
   */
  static FieldIds of(MessageType file, @Nullable NameMapping mapping, Schema expected) {
    if (hasIds(file)) {
      return new FieldIds(null);
    }
    return new FieldIds(mapping != null ? mapping : MappingUtil.create(expected));
  }

  /**
   * The id of {@code stored}, null where it has none. {@code path} is its name and those above it,
   * those of lists and maps as {@code element}, {@code key} and {@code value}.
   */
  @Nullable Integer of(Type stored, List<String> path) {
    if (names == null) {
      return stored.getId() == null ? null : stored.getId().intValue();
    }
    MappedField field = names.find(path);
    return field == null ? null : field.id();
  }

  private static boolean hasIds(Type type) {
    if (type.getId() != null) {
      return true;
    }
    return !type.isPrimitive()
        && ((GroupType) type).getFields().stream().anyMatch(FieldIds::hasIds);
  }
}
