package dev.firn.format.parquet.page;

import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
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
    Conversion conversion) {
  /** Of a footer's {@code chunk}, from {@code startOffset} on. */
  public static ChunkSpec of(
      String file,
      int rowGroup,
      ColumnDescriptor column,
      ColumnChunkMetaData chunk,
      long startOffset,
      Conversion conversion) {
    return new ChunkSpec(
        file,
        rowGroup,
        column,
        chunk.getCodec(),
        chunk.getValueCount(),
        chunk.getTotalUncompressedSize(),
        startOffset,
        conversion);
  }
}
