package dev.firn.scan;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.IdentityPartitionConverters;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.formats.ReadBuilder;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.orc.OrcMetrics;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.PartitionUtil;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one data file as they are stored, evolved to a read schema, before deletes and
 * filters. The one place that knows which library decodes a file.
 */
final class DataFileRows {
  private final Table table;
  private final @Nullable NameMapping nameMapping;

  DataFileRows(Table table) {
    this.table = table;
    this.nameMapping = nameMapping(table);
  }

  /**
   * Opens the rows of the task. {@code filter} only lets the reader skip parts of the file that
   * cannot match; rows that do not match may come through.
   */
  CloseableIterable<Record> open(FileScanTask task, Schema readSchema, ScanFilter filter) {
    FileFormat format = task.file().format();
    InputFile file = table.io().newInputFile(task.file());
    Map<Integer, Object> constants = constants(task, readSchema);
    if (format == FileFormat.ORC) {
      constants.putAll(orcDefaults(file, readSchema));
    }
    ReadBuilder<Record, ?> builder =
        FormatModelRegistry.<Record, Object>readBuilder(format, Record.class, file)
            .project(readSchema)
            .idToConstant(constants)
            .split(task.start(), task.length())
            .caseSensitive(true);
    if (nameMapping != null) {
      builder = builder.withNameMapping(nameMapping);
    }
    if (format == FileFormat.PARQUET) {
      builder = builder.filter(pushed(filter, readSchema, constants));
    }
    return builder.build();
  }

  /**
   * What row-group statistics can be trusted with. Iceberg 1.11.0 takes a column that the file
   * lacks as null throughout, though its value may be a default or the file's partition; and it
   * compares nanosecond timestamps in the wrong unit.
   */
  private static Expression pushed(
      ScanFilter filter, Schema readSchema, Map<Integer, Object> constants) {
    return filter.weakened(
        id ->
            !MetadataColumns.isMetadataColumn(id)
                && !constants.containsKey(id)
                && readSchema.findType(id).typeId() != Type.TypeID.TIMESTAMP_NANO
                && !hasDefault(readSchema, id));
  }

  private static boolean hasDefault(Schema schema, int id) {
    return schema.findField(id).initialDefault() != null
        || TypeUtil.ancestorFields(schema, id).stream().anyMatch(f -> f.initialDefault() != null);
  }

  private static Map<Integer, Object> constants(FileScanTask task, Schema readSchema) {
    Map<Integer, Object> constants = new HashMap<>();
    PartitionUtil.constantsMap(task, IdentityPartitionConverters::convertConstant)
        .forEach((id, value) -> constants.put(id, promoted(readSchema.findType(id), value)));
    // Inherited from the data sequence number by the spec; 1.11.0 takes the file's.
    constants.put(
        MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER.fieldId(), task.file().dataSequenceNumber());
    return constants;
  }

  /** A partition value keeps the type of its time; the read schema may be wider, or older. */
  private static @Nullable Object promoted(@Nullable Type type, @Nullable Object value) {
    if (type == null || !(value instanceof Number number)) {
      return value;
    }
    return switch (type.typeId()) {
      case INTEGER -> number.intValue();
      case LONG -> number.longValue();
      case FLOAT -> number.floatValue();
      case DOUBLE -> number.doubleValue();
      default -> value;
    };
  }

  /** Iceberg's ORC reader refuses defaults, so those of columns absent from the file go in here. */
  private Map<Integer, Object> orcDefaults(InputFile file, Schema readSchema) {
    Map<Integer, Object> defaults = new HashMap<>();
    for (NestedField field : TypeUtil.indexById(readSchema.asStruct()).values()) {
      if (field.initialDefault() != null) {
        defaults.put(
            field.fieldId(),
            IdentityPartitionConverters.convertConstant(field.type(), field.initialDefault()));
      }
    }
    if (!defaults.isEmpty()) {
      Set<Integer> present =
          new HashSet<>(
              OrcMetrics.fromInputFile(file, MetricsConfig.getDefault(), nameMapping)
                  .valueCounts()
                  .keySet());
      defaults.keySet().removeAll(present);
    }
    return defaults;
  }

  private static @Nullable NameMapping nameMapping(Table table) {
    String json = table.properties().get(TableProperties.DEFAULT_NAME_MAPPING);
    if (json == null) {
      return null;
    }
    try {
      return NameMappingParser.fromJson(json);
    } catch (RuntimeException e) {
      throw new FirnException(
          ErrorKind.INVALID,
          "Cannot read table "
              + table.name()
              + ": its property "
              + TableProperties.DEFAULT_NAME_MAPPING
              + " is not a name mapping: "
              + e.getMessage(),
          e);
    }
  }
}
