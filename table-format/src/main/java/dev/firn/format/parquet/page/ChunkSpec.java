package dev.firn.format.parquet.page;

import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/**
 * What the footer says of a column chunk, and how its values are wanted. {@code values} counts
 * nulls; {@code uncompressedBytes} includes headers; {@code startOffset} is where its first page
 * (the first of the bytes given to {@link ColumnChunk#open}) begins in the file.
 */
public record ChunkSpec(
    String file,
    int rowGroup,
    ColumnDescriptor column,
    CompressionCodecName codec,
    long values,
    long uncompressedBytes,
    long startOffset,
    Conversion conversion) {}
