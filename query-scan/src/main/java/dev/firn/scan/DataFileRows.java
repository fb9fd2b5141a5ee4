package dev.firn.scan;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IdentityPartitionConverters;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.formats.ReadBuilder;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.orc.OrcMetrics;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.PartitionUtil;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one Avro or ORC data file as they are stored, evolved to a read schema, before
 * deletes and filters, by Iceberg's own readers.
 */
final class DataFileRows {
  private final Table table;
  private final @Nullable NameMapping nameMapping;
  private final BooleanSupplier stop;

  DataFileRows(Table table, @Nullable NameMapping nameMapping) {
    this(table, nameMapping, () -> false);
  }

  private DataFileRows(Table table, @Nullable NameMapping nameMapping, BooleanSupplier stop) {
    this.table = table;
    this.nameMapping = nameMapping;
    this.stop = stop;
  }

  /** The same, whose rows end with a {@link CancellationException} once {@code stopped} is true. */
  DataFileRows stoppedBy(BooleanSupplier stopped) {
    return new DataFileRows(table, nameMapping, stopped);
  }

  /** Opens all rows of the task. */
  CloseableIterable<Record> open(FileScanTask task, Schema readSchema) {
    FileFormat format = task.file().format();
    InputFile file = new StoreInputFile(table.io().newInputFile(task.file()));
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
    return CloseableIterable.transform(builder.build(), this::unlessStopped);
  }

  private Record unlessStopped(Record row) {
    if (stop.getAsBoolean()) {
      throw new CancellationException("the read was stopped");
    }
    return row;
  }

  private static Map<Integer, Object> constants(FileScanTask task, Schema readSchema) {
    Map<Integer, Object> constants = new HashMap<>();
    PartitionUtil.constantsMap(task, IdentityPartitionConverters::convertConstant)
        .forEach(
            (id, value) ->
                constants.put(id, InternalConstants.promoted(readSchema.findType(id), value)));
    // Inherited from the data sequence number by the spec; 1.11.0 takes the file's.
    constants.put(
        MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER.fieldId(), task.file().dataSequenceNumber());
    return constants;
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
}
