package dev.firn.format.write;

import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link DataWriter} departs from its table's current state; null means the table's own.
 * {@code schema} may carry the row-lineage columns of v3 ({@code
 * MetadataColumns.schemaWithRowLineage}), which a rewrite preserves.
 */
public record WriteOptions(
    @Nullable Schema schema, @Nullable PartitionSpec spec, @Nullable Long targetFileSizeBytes) {
  public static final WriteOptions OF_TABLE = new WriteOptions(null, null, null);
}
