package dev.firn.ingest.read;

import dev.firn.ingest.value.Styles;
import org.apache.iceberg.Schema;

/**
 * What rows are read for. Immutable.
 *
 * @param schema the columns that the rows get; a source's columns match by name
 * @param styles how dates are written
 * @param rejects decides about rows that do not fit
 */
public record Target(Schema schema, Styles styles, RejectHandler rejects) {}
