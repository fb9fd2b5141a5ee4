/**
 * What a text means: the types that a column of texts can be given without losing anything, and the
 * conversion of one text, JSON value or typed value into an Iceberg value.
 *
 * <p>Start at {@link dev.firn.ingest.value.TextColumn} for inference and at {@link
 * dev.firn.ingest.value.Converter} for conversion. Nothing here knows files. Converters are
 * confined to one thread.
 */
@NullMarked
package dev.firn.ingest.value;

import org.jspecify.annotations.NullMarked;
